import AsyncHTTPClient
import FoundationEssentials
package import Historian
import NIOCore
import NIOPosix
package import Telemetry

/// What a run polled, stored, forwarded and decided, and whether the county has all of it. Reads the store of a gateway
/// that has stopped, and asks the receivers themselves.
package struct RunReport: Sendable {
    package struct Receiver: Sendable {
        package let name: String
        /// Distinct samples it holds; nil where it cannot be asked.
        package let holds: Int?
    }

    package let ledger: Ledger
    package let devices: Int
    /// Samples that differ in point or time: what a receiver that drops repeats must hold.
    package let distinct: Int
    package let notGood: Int
    package let events: [Event.Kind: Int]
    package let receivers: [Receiver]

    /// - Parameters:
    ///   - series: the base address of a VictoriaMetrics, to be asked what it holds.
    ///   - received: what the county's end counted at its broker: `{"messages", "samples", "distinct"}`.
    package init(folder: String, series: String?, received: String?) async throws {
        let reader = try HistoryReader(folder: folder)
        ledger = try reader.ledger()
        var devices: Set<String> = []
        var distinct = 0
        var notGood = 0
        let (least, most) = (Timestamp(milliseconds: .min), Timestamp(milliseconds: .max))
        for point in Set(try reader.points().map(\.name)) {
            let samples = try reader.history(of: point, from: least, to: most, limit: .max)
            guard !samples.isEmpty else { continue }
            devices.insert("\(point.site)/\(point.device)")
            // They come by time, so repeats stand side by side.
            distinct += zip(samples, samples.dropFirst()).reduce(1) { $0 + ($1.0.time == $1.1.time ? 0 : 1) }
            notGood += samples.count { !$0.reading.isGood }
        }
        self.devices = devices.count
        self.distinct = distinct
        self.notGood = notGood
        var events: [Event.Kind: Int] = [:]
        var lastEvent: Int64 = 0
        while case let page = try reader.events(after: lastEvent, limit: 1000), let end = page.last {
            for stored in page { events[stored.event.kind, default: 0] += 1 }
            lastEvent = end.seq
        }
        self.events = events
        var receivers: [Receiver] = []
        if let series { receivers.append(Receiver(name: "VictoriaMetrics at \(series)", holds: try await Self.count(at: series))) }
        if let received {
            struct Counts: Decodable { let distinct: Int }
            let counts = FileManager.default.contents(atPath: received).flatMap { try? JSONDecoder().decode(Counts.self, from: $0) }
            receivers.append(Receiver(name: "the county's end of the broker", holds: counts?.distinct))
        }
        self.receivers = receivers
    }

    /// Why the county has not received what was read; empty if it has.
    package var shortfalls: [String] {
        var found: [String] = []
        if ledger.produced == 0 { found.append("nothing was read from the field") }
        let lost = ledger.produced - ledger.stored
        if lost != 0 { found.append("\(lost) samples were read but not stored") }
        for destination in ledger.destinations where destination.pending + destination.dropped > 0 {
            found.append("\(destination.name): \(destination.pending) samples pending, \(destination.dropped) dropped")
        }
        // After a kill -9 a receiver may hold more: what had left ahead of a commit that never came.
        for receiver in receivers where receiver.holds.map({ $0 < distinct }) ?? true {
            let holds = receiver.holds.map { "holds \($0)" } ?? "could not be asked"
            found.append("\(receiver.name) \(holds) of \(distinct) samples")
        }
        return found
    }

    package var lines: [String] {
        func count(_ kind: Event.Kind) -> Int { events[kind] ?? 0 }
        var lines = [
            "polled     \(ledger.produced) samples of \(devices) devices, \(notGood) of them not good",
            "stored     \(ledger.stored) samples (\(distinct) distinct by point and time), \(ledger.events) events",
        ]
        for destination in ledger.destinations {
            lines.append(
                "forwarded  \(destination.name): \(destination.acknowledged) acknowledged, \(destination.pending) pending, "
                    + "\(destination.dropped) dropped")
        }
        for receiver in receivers {
            lines.append("received   \(receiver.name) holds \(receiver.holds.map(String.init) ?? "an unknown number of") distinct samples")
        }
        lines.append("decided    \(count(.decision)) decisions, \(count(.command)) command steps, \(count(.alarm)) alarms")
        return lines
    }

    /// Counts the distinct timestamps of every series of `headgate_quality`, which each sample has one of.
    private static func count(at series: String) async throws -> Int? {
        let client = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        let count = try? await exported(by: client, at: series)
        try await client.shutdown()
        return count
    }

    private static func exported(by client: HTTPClient, at series: String) async throws -> Int {
        struct Line: Decodable { let timestamps: [Int64] }
        _ = try await client.execute(HTTPClientRequest(url: "\(series)/internal/force_flush"), timeout: .seconds(10))
        let export = HTTPClientRequest(url: "\(series)/api/v1/export?match%5B%5D=headgate_quality&start=0&end=4102444800")
        let response = try await client.execute(export, timeout: .seconds(60))
        var body = try await response.body.collect(upTo: 1 << 30)
        let text = body.readString(length: body.readableBytes) ?? ""
        return try text.split(separator: "\n").reduce(0) { sum, line in
            sum + Set(try JSONDecoder().decode(Line.self, from: Data(line.utf8)).timestamps).count
        }
    }
}

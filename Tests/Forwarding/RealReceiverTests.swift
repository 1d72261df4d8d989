import FoundationEssentials
import Historian
import MQTT
import Subprocess
import Telemetry
import TestSupport
import Testing

@testable import Forwarding
import RealServers

@Suite("Forwarding to real receivers", .timeLimit(.minutes(1)))
struct RealReceiverTests {
    /// A batch of every kind of value, numbered, a second apart.
    private func batches(_ range: Range<Int>, at start: Moment) -> [Batch] {
        range.map { index in
            let now = start.advanced(by: .seconds(index))
            let number = Double(index)
            return batch(
                [
                    .good(.double(number / 1000)), .good(.bool(index % 2 == 0)), .good(.int(Int64(-index))), .bad(.commFailure),
                    .uncertain(.double(number), .clockUntrusted), .good(.string("no, \"\(index)\"\\\n=")),
                ], device: index % 2, at: now)
        }
    }

    private struct Series: Decodable {
        let metric: [String: String]
        let values: [Double]
        let timestamps: [Int64]
    }

    @Test("VictoriaMetrics holds each stored sample once, unchanged, though it was away in between")
    func victoriaMetrics() async throws {
        try await withFolder { folder in
            let time = ManualTime(start: SystemTime().now().wall.advanced(by: .seconds(-3600)))
            let start = time.now()
            let journal = try journal(in: folder, time: time)
            let database = VictoriaMetrics(folder: folder + "/vm")
            let (forwarder, destination) = try await database.serve { url in
                for batch in batches(0..<200, at: start) { journal.append(batch) }
                try await journal.flush()
                let destination = InfluxDestination(name: "vm", endpoint: InfluxEndpoint(url: url))
                var options = Forwarder.Options()
                options.maximumEntries = 64
                let forwarder = Forwarder(
                    destination: destination, journal: journal, time: time, options: options, logger: quiet)
                await forwarder.drain(until: time.now().monotonic + .seconds(60))
                #expect(try await standing(journal, "vm") == Account(acknowledged: 1200, pending: 0, dropped: 0))
                return (forwarder, destination)
            }
            for batch in batches(200..<300, at: start) { journal.append(batch) }
            try await journal.flush()
            let exported = try await withTimeFlowing(time) {
                try await forwarding(forwarder) {
                    await until { await forwarder.status.failedAttempts >= 2 }
                    #expect(try await standing(journal, "vm") == Account(acknowledged: 1200, pending: 600, dropped: 0))
                    return try await database.serve { url in
                        await until { await forwarder.status.pending == 0 }
                        _ = try await get("\(url)/internal/force_flush")
                        return try await get(
                            "\(url)/api/v1/export?match%5B%5D=%7B__name__=~%22headgate.*%22%7D&start=0&end=4000000000")
                    }
                }
            }
            await destination.close()
            #expect(try await standing(journal, "vm") == Account(acknowledged: 1800, pending: 0, dropped: 0))
            var received: [String: Double] = [:]
            for line in exported.split(separator: "\n") {
                let series = try JSONDecoder().decode(Series.self, from: Data(line.utf8))
                let words = ["__name__", "site", "device", "point"].map { series.metric[$0] ?? "?" }
                for (value, time) in zip(series.values, series.timestamps) {
                    #expect(received.updateValue(value, forKey: (words + ["\(time)"]).joined(separator: " ")) == nil)
                }
            }
            #expect(received == expectedSeries(of: try journal.read(after: 0, limit: 1000)))
        }
    }

    /// What the database should hold: it knows no text, and keeps zero for one.
    private func expectedSeries(of entries: [Entry]) -> [String: Double] {
        var expected: [String: Double] = [:]
        for sample in entries.flatMap(\.named) {
            let tail = "\(sample.point.site) \(sample.point.device) \(sample.point.point) \(sample.time.milliseconds)"
            expected["headgate_quality " + tail] = Double(LineProtocol.number(of: sample.reading.quality))
            if let number = sample.reading.value?.number { expected["headgate_value " + tail] = number }
            if case .string = sample.reading.value { expected["headgate_text " + tail] = 0 }
        }
        return expected
    }

    @Test("a broker's listener hears each stored sample, though the broker is killed and comes back")
    func mosquitto() async throws {
        try await withFolder { folder in
            try "listener 0 \(folder)/s\nallow_anonymous true\nuser root\n".write(
                toFile: folder + "/mosquitto.conf", atomically: false, encoding: .utf8)
            func client() -> MQTTClient {
                var options = MQTTClient.Options(host: folder + "/s", port: 0)
                options.backoff = Backoff(first: .milliseconds(5), limit: .milliseconds(20))
                return MQTTClient(options)
            }
            let time = ManualTime()
            let start = time.now()
            let journal = try journal(in: folder, time: time)
            let (upward, county) = (client(), client())
            let heard = Heard()
            county.subscribe("headgate/#") { _ in heard.subscribed() }
            upward.start()
            county.start()
            let destination = MQTTDestination(name: "county", client: upward)
            let forwarder = Forwarder(destination: destination, journal: journal, time: time, logger: quiet)
            for batch in batches(0..<100, at: start) { journal.append(batch) }
            try await journal.flush()
            try await withTimeFlowing(time) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { for await message in county.messages { try heard.hear(message) } }
                    defer { group.cancelAll() }
                    try await forwarding(forwarder) {
                        for round in 1...2 {
                            try await running("mosquitto", ["-c", folder + "/mosquitto.conf"], ending: .kill) { _ in
                                // A broker keeps nothing for a listener that has not subscribed yet: hold the gateway back till then.
                                await until { heard.subscriptions == round }
                                for batch in batches(round * 100..<(round + 1) * 100, at: start) { journal.append(batch) }
                                try await journal.flush()
                                await until { await forwarder.status.pending == 0 }
                                await until { heard.samples.isSuperset(of: expected(journal, from: round == 1 ? 100 : 200)) }
                            }
                        }
                    }
                }
            }
            await upward.stop()
            await county.stop()
            #expect(try await standing(journal, "county") == Account(acknowledged: 1800, pending: 0, dropped: 0))
            #expect(heard.topics == ["headgate/north/pump", "headgate/south/valve"])
        }
    }

    /// `point time value` of the entries behind a number.
    private func expected(_ journal: Journal, from seq: Int64) -> Set<String> {
        let entries = (try? journal.read(after: seq, limit: 1000)) ?? []
        return Set(entries.flatMap(\.named).map { "\($0.point) \($0.time.milliseconds) \($0.reading.value?.number ?? -1)" })
    }
}

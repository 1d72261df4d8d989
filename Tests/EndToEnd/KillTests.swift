import Foundation
import Historian
import MQTT
import Plants
import RealServers
import Subprocess
import Synchronization
import Telemetry
import Testing

@Suite("a gateway that is killed again and again", .serialized)
struct KillTests {
    private static let isLong = ProcessInfo.processInfo.environment["HEADGATE_LONG"] != nil
    /// Twenty kills each.
    static let seeds: [UInt64] = Array(1...(isLong ? 50 : 1))

    @Test(
        "kill -9 at random moments, on bad wires: the ledger balances each time, and the county has all that was committed, in order",
        arguments: seeds)
    func killed(seed: UInt64) async throws {
        try await LiveCounty.serve(seed: seed) { live in
            let addresses = try Addresses(of: live)
            try await Weather.serve(before: addresses.broker) { brokerWire in
                try await Weather.serve(before: addresses.series) { seriesWire in
                    try live.rewrite([
                        (addresses.brokerWords, "county-broker: { mqtt: \"mqtt://127.0.0.1:\(brokerWire.port)\", prefix: headgate }"),
                        (addresses.seriesWords, "county-series: { influx: \"http://127.0.0.1:\(seriesWire.port)\" }"),
                    ])
                    let arrivals = Arrivals(at: addresses.socket)
                    try await eventually("the county listens") { arrivals.isListening }
                    try await killing(live, [brokerWire, seriesWire], seed)
                    for wire in [brokerWire, seriesWire] { await wire.turn(.fair) }
                    try await live.gateway { _, _ in
                        try await eventually("few are pending at each destination:", is: "[true, true]") {
                            let ledger = try HistoryReader(folder: live.data).ledger()
                            return "\(ledger.destinations.map { $0.pending <= 200 })"
                        }
                    }
                    let ledger = try HistoryReader(folder: live.data).ledger()
                    #expect(ledger.discrepancies.isEmpty, "\(ledger.discrepancies)")
                    #expect(ledger.destinations.allSatisfy { $0.pending == 0 && $0.dropped == 0 && $0.expired == 0 }, "\(ledger)")
                    try await expectAll(of: live, in: arrivals)
                    await arrivals.end()
                }
            }
        }
    }

    /// Twenty lives of random length, in weather that changes while they last.
    private func killing(_ live: LiveCounty, _ wires: [Weather], _ seed: UInt64) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask {
                var dice = Dice(seed: seed, stream: 40)
                while !Task.isCancelled {
                    for wire in wires { await wire.turn(dice.weather) }
                    // Real processes on real wires, which have no clock of ours.
                    try await Task.sleep(for: .milliseconds(Int(dice.between(50, 700))))
                }
            }
            var dice = Dice(seed: seed, stream: 41)
            var known = 0
            var longest = 1500.0
            for life in 1...20 {
                try await live.gateway(killedAfter: .milliseconds(Int(dice.between(0, longest))))
                // On a busy machine they must last longer to come to anything.
                if life % 4 == 0, known < life * 10 { longest *= 2 }
                guard let reader = try? HistoryReader(folder: live.data) else { continue }
                let ledger = try reader.ledger()
                #expect(ledger.discrepancies.isEmpty, "after life \(life): \(ledger.discrepancies)")
                #expect(ledger.stored >= known, "life \(life) ended with \(ledger.stored) samples, after \(known)")
                #expect(ledger.stored == ledger.produced, "life \(life): \(ledger.lost)")
                known = ledger.stored
            }
            #expect(known > 100, "only \(known) samples were ever committed")
            group.cancelAll()
        }
    }

    /// Compares what was committed with what the two receivers have.
    private func expectAll(of live: LiveCounty, in arrivals: Arrivals) async throws {
        let reader = try HistoryReader(folder: live.data)
        let series = try await live.exportedTimes()
        let heard = arrivals.heard
        for point in Set(try reader.points().map(\.name)) {
            let committed = try reader.history(
                of: point, from: Timestamp(milliseconds: .min), to: Timestamp(milliseconds: .max), limit: .max)
            let told = heard[point.description] ?? .init()
            let missing = committed.filter { told.times[$0.time.milliseconds] == nil }
            #expect(missing.isEmpty, "\(point): the broker's end has \(told.times.count) of \(committed.count), not \(missing.prefix(3))")
            for sample in committed {
                guard let number = sample.reading.value?.number, let told = told.times[sample.time.milliseconds] else { continue }
                #expect(told == number, "\(point) at \(sample.time)")
            }
            #expect(told.isInOrder, "\(point): \(told.order)")
            let lacking = committed.filter { series[point.description]?.contains($0.time.milliseconds) != true }
            #expect(lacking.isEmpty, "\(point): VictoriaMetrics lacks \(lacking.count) of \(committed.count): \(lacking.prefix(3))")
        }
    }
}

extension Dice {
    /// Fair half of the time.
    fileprivate var weather: Weather.Kind {
        mutating get { unit() < 0.5 ? .fair : Weather.Kind.allCases[Int(between(0, 4))] }
    }
}

/// Where the county's own site file sends to.
private struct Addresses {
    let socket: String
    let broker: Weather.Server
    let brokerWords: String
    let series: Weather.Server
    let seriesWords: String

    init(of live: LiveCounty) throws {
        let site = try String(contentsOfFile: live.site, encoding: .utf8)
        guard let broker = site.firstMatch(of: /county-broker: \{ mqtt: "mqtt:\/\/([^"]+)", prefix: headgate \}/),
            let series = site.firstMatch(of: /county-series: \{ influx: "http:\/\/127.0.0.1:(\d+)" \}/), let port = Int(series.1)
        else { throw Unexpected("the county's site file no longer says so: \(site)") }
        socket = String(broker.1)
        (brokerWords, seriesWords) = (String(broker.0), String(series.0))
        self.broker = .socket(socket)
        self.series = .port(port)
    }
}

/// What the county's end of the broker hears, by point: repeats are dropped.
private final class Arrivals: Sendable {
    struct Told: Sendable {
        /// Values by source time.
        var times: [Int64: Double?] = [:]
        /// First arrivals, as they came: live ones, and late ones.
        var order: [Bool: [Int64]] = [:]
        var isInOrder: Bool { order.values.allSatisfy { zip($0, $0.dropFirst()).allSatisfy { $0 < $1 } } }
    }

    private struct State {
        var heard: [String: Told] = [:]
        var isListening = false
    }

    private let client: MQTTClient
    private let state = Mutex(State())

    init(at socket: String) {
        client = MQTTClient(.init(host: socket, port: 0))
        client.hear { [weak self] in self?.hear($0) }
        client.subscribe("headgate/#", qos: 1) { [weak self] isGranted in self?.state.withLock { $0.isListening = isGranted } }
        client.start()
    }

    var isListening: Bool { state.withLock { $0.isListening } }
    var heard: [String: Told] { state.withLock { $0.heard } }

    func end() async { await client.stop() }

    private struct Message: Decodable {
        let site: String
        let device: String
        let time: Int64
        let values: [String: Number?]
        let times: [String: Int64]?
        let late: Bool?
    }

    /// A number, or what is none.
    private struct Number: Decodable {
        let value: Double?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            value = (try? container.decode(Bool.self)).map { $0 ? 1 : 0 } ?? (try? container.decode(Double.self))
        }
    }

    private func hear(_ message: MQTTMessage) {
        guard let told = try? JSONDecoder().decode(Message.self, from: Data(message.payload)) else { return }
        state.withLock { state in
            for (point, number) in told.values {
                let name = "\(told.site)/\(told.device)/\(point)"
                let time = told.times?[point] ?? told.time
                let isNew = state.heard[name, default: Told()].times.updateValue(number?.value, forKey: time) == nil
                if isNew { state.heard[name, default: Told()].order[told.late ?? false, default: []].append(time) }
            }
        }
    }
}

extension LiveCounty {
    fileprivate func rewrite(_ changes: [(String, String)]) throws {
        var text = try String(contentsOfFile: site, encoding: .utf8)
        for (old, new) in changes { text = text.replacing(old, with: new) }
        try text.write(toFile: site, atomically: true, encoding: .utf8)
    }

    /// Runs the gateway's own program for so long, and not longer: a real process, killed in its own time.
    fileprivate func gateway(killedAfter span: Duration) async throws {
        let arguments = ["run", "--config", site, "--data", data, "--listen", "127.0.0.1:\(freePort())", "--log-level", "critical"]
        try await running("\(Self.products)/headgate", arguments, ending: .kill) { _ in try await Task.sleep(for: span) }
    }

    /// The times, ms since 1970, that VictoriaMetrics holds of each point.
    fileprivate func exportedTimes() async throws -> [String: Set<Int64>] {
        struct Line: Decodable {
            let metric: [String: String]
            let timestamps: [Int64]
        }
        _ = try await get(series + "/internal/force_flush")
        let export = try await get(series + "/api/v1/export?match%5B%5D=headgate_quality&start=0&end=4102444800")
        var times: [String: Set<Int64>] = [:]
        for line in export.split(separator: "\n") {
            let line = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
            let name = ["site", "device", "point"].map { line.metric[$0] ?? "" }.joined(separator: "/")
            times[name, default: []].formUnion(line.timestamps)
        }
        return times
    }
}

import BenchmarkCosts
import FoundationEssentials
import Forwarding
import Historian
import MQTT
import Series
import Telemetry

/// Takes everything at once: what is left is the forwarder's own speed.
private struct Anyone: Destination {
    let name = "receiver"
    func send(_ entries: [Entry], isLate: Bool) async throws {}
}

extension StoreBenchmark {
    /// A backlog to each receiver in turn; the real ones where their addresses are in the environment.
    static func catchUp(_ folder: String, _ samples: Int) async throws {
        let points = 2000
        let workload = Workload.levels
        let environment = ProcessInfo.processInfo.environment
        var receivers: [(String, any Destination, MQTTClient?)] = [("whoever takes it at once", Anyone(), nil)]
        if let url = environment["HEADGATE_SERIES"] {
            let destination = InfluxDestination(name: "receiver", endpoint: InfluxEndpoint(url: url))
            receivers.append(("line protocol to VictoriaMetrics", destination, nil))
        }
        if let words = environment["HEADGATE_BROKER"], let port = Int(words) {
            let client = MQTTClient(.init(host: "127.0.0.1", port: port))
            client.start()
            while !client.isConnected { try await Task.sleep(for: .milliseconds(10)) }
            receivers.append(("JSON over MQTT to mosquitto", MQTTDestination(name: "receiver", client: client), client))
        }
        for (number, (words, destination, client)) in receivers.enumerated() {
            var signals = Signals(workload, points: points)
            let journal = try journal(folder + "/\(number)", workload.directory(points: points))
            for second in 0..<samples / points {
                for batch in signals.second(second) { journal.append(batch) }
                if second % 50 == 49 { try await journal.flush() }
            }
            try await journal.flush()
            let before = Costs.peak
            let forwarder = Forwarder(destination: destination, journal: journal, time: SystemTime(), logger: quiet)
            let (_, costs) = await Costs.of { await forwarder.drain(until: SystemTime().now().monotonic + .seconds(3600)) }
            let pending = try journal.pending(of: "receiver")
            print(
                padded(words, 34) + padded("\(Int(Double(samples) / costs.seconds)) samples/s", 22)
                    + padded("\((costs.cpu / Double(samples) * 100_000).rounded(to: 4)) CPU s per 100,000", 32)
                    + "\(pending) left; peak memory \(before) MiB before, \(Costs.peak) after")
            await destination.close()
            await client?.stop()
        }
    }

    /// A point's day, of a hundred points' day.
    static func day(_ folder: String, _ samples: Int) async throws {
        let points = 100
        let workload = Workload.levels
        var signals = Signals(workload, points: points)
        let journal = try journal(folder, workload.directory(points: points))
        let plain = try PlainTable(folder: folder)
        for second in 0..<samples / points {
            let batches = signals.second(second)
            for batch in batches { journal.append(batch) }
            try plain.insert(batches)
            if second % 300 == 299 { try await journal.flush() }
            if second % 3600 == 3599 { _ = try journal.archive(all: true) }
        }
        try await journal.flush()
        _ = try journal.archive(all: true)
        guard let name = PointName(site: "bench", device: "d0", point: "p42") else { return }
        let end = Workload.start.advanced(by: .seconds(86_400))
        for round in 1...3 {
            let (own, costs) = try await Costs.of { try journal.history(of: name, from: Workload.start, to: end, limit: .max).count }
            let (other, beside) = try await Costs.of { try plain.day(of: 42, from: Workload.start) }
            let question = PastQuestion(of: name, from: Workload.start, to: end, step: Step("1m"))
            let (rows, gathered) = try await Costs.of { try await journal.past(question).first?.rows.count ?? 0 }
            print(
                "a day of one point in \(rows) rows, with its gaps, read \(round): \((gathered.seconds * 1000).rounded(to: 2)) ms")
            print(
                "a day of one point, read \(round): \((costs.seconds * 1000).rounded(to: 2)) ms for \(own) samples; "
                    + "plain table \((beside.seconds * 1000).rounded(to: 2)) ms for \(other)")
        }
    }
}

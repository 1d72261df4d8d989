import BenchmarkCosts
import FoundationEssentials
import Forwarding
import Historian
import Logging
import MQTT
import Telemetry

/// The store beside a plain SQLite table, in one run on this machine. Started by `Benchmarks/store`.
@main
enum StoreBenchmark {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count >= 2 else {
            print("usage: store-benchmark FOLDER ingest|size|day|catch-up [SAMPLES]")
            return
        }
        let folder = arguments[0] + "/store-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let samples = arguments.dropFirst(2).first.flatMap { Int($0) }
        switch arguments[1] {
        case "ingest": try await ingest(folder, samples ?? 4_000_000)
        case "size": for workload in Workload.allCases { try await size(folder, workload, samples ?? 720_000) }
        case "day": try await day(folder, samples ?? 86_400 * 100)
        case "catch-up": try await catchUp(folder, samples ?? 10_000_000)
        default: print("nothing is called \(arguments[1])")
        }
    }

    static func journal(_ folder: String, _ directory: Directory) throws -> Journal {
        var options = Journal.Options(maximumBytesInMemory: 256 << 20)
        options.destinations = ["receiver"]
        return try Journal(folder: folder, directory: directory, time: SystemTime(), options: options, logger: quiet)
    }

    static let quiet = Logger(label: "benchmark", factory: { _ in SwiftLogNoOpLogHandler() })

    /// A quarter of a second's worth to a commit, as at the rate that is asked for.
    private static func ingest(_ folder: String, _ samples: Int) async throws {
        let points = 2000
        for workload in Workload.allCases {
            var signals = Signals(workload, points: points)
            let seconds = (0..<125).map { signals.second($0) }
            let passes = max(1, samples / (125 * points))
            let own = folder + "/own-\(workload.rawValue)"
            let journal = try journal(own, workload.directory(points: points))
            let (_, costs) = try await Costs.of {
                for _ in 0..<passes {
                    for second in seconds { for batch in second { journal.append(batch) } }
                    try await journal.flush()
                }
            }
            report("journal, \(workload.rawValue)", passes * 125 * points, costs)
            let (_, archived) = try await Costs.of { _ = try journal.archive(all: true) }
            report("  and into the archive", passes * 125 * points, archived)
            let plain = try PlainTable(folder: folder)
            let (_, beside) = try await Costs.of {
                for pass in 0..<max(1, passes / 8) {
                    try plain.insert(seconds.flatMap { $0 }.map { moved($0, by: pass * 125) })
                }
            }
            report("plain table, \(workload.rawValue)", max(1, passes / 8) * 125 * points, beside)
            try FileManager.default.removeItem(atPath: plain.path)
            if workload == .levels { try await smallCommits(folder, seconds) }
        }
    }

    /// A thousand samples to a commit, as in a county of a few devices.
    private static func smallCommits(_ folder: String, _ seconds: [[Batch]]) async throws {
        let batches = seconds.flatMap { $0 }
        let journal = try journal(folder + "/small", Workload.levels.directory(points: 2000))
        let (_, costs) = try await Costs.of {
            for (number, batch) in batches.enumerated() {
                journal.append(batch)
                if number % 10 == 9 { try await journal.flush() }
            }
        }
        report("journal, 1000 to a commit", batches.count * 100, costs)
        let plain = try PlainTable(folder: folder)
        let (_, beside) = try await Costs.of {
            for start in stride(from: 0, to: batches.count, by: 10) { try plain.insert(Array(batches[start..<start + 10])) }
        }
        report("plain table, likewise", batches.count * 100, beside)
        try FileManager.default.removeItem(atPath: plain.path)
    }

    private static func moved(_ batch: Batch, by seconds: Int) -> Batch {
        Batch(
            device: batch.device, received: batch.received,
            samples: batch.samples.map {
                Sample(point: $0.point, time: $0.time.advanced(by: .seconds(seconds)), reading: $0.reading)
            })
    }

    private static func size(_ folder: String, _ workload: Workload, _ samples: Int) async throws {
        let points = 200
        var signals = Signals(workload, points: points)
        let own = folder + "/own-\(workload.rawValue)"
        let plain = try PlainTable(folder: folder)
        let count = samples / points * points
        var costs = Costs()
        do {
            let journal = try journal(own, workload.directory(points: points))
            for second in 0..<samples / points {
                let batches = signals.second(second)
                let (_, cost) = try await Costs.of {
                    for batch in batches { journal.append(batch) }
                    // Four commits a second would be the same bytes in more pages; one is what a quiet county does.
                    if second % 10 == 9 { try await journal.flush() }
                    if second % 600 == 599 { _ = try journal.archive(all: true) }
                }
                costs.written += cost.written
                try plain.insert(batches)
            }
            try await journal.flush()
            let (_, cost) = try await Costs.of { _ = try journal.archive(all: true) }
            costs.written += cost.written
        }
        let bytes = Double(try bytesInUse(of: own + "/headgate.db", without: "journal")) / Double(count)
        let beside = Double(try plain.bytes()) / Double(count)
        print(
            padded("\(workload.rawValue), \(count) samples", 28)
                + "\(bytes.rounded(to: 2)) bytes a sample, plain table \(beside.rounded(to: 1)): \((beside / bytes).rounded(to: 1)) times; "
                + "\((Double(costs.written) / Double(count)).rounded(to: 1)) bytes written for each")
        try FileManager.default.removeItem(atPath: plain.path)
    }

    private static func report(_ words: String, _ samples: Int, _ costs: Costs) {
        print(
            padded(words, 28) + padded("\(Int(Double(samples) / costs.seconds)) samples/s", 22)
                + padded("\((costs.cpu / Double(samples) * 100_000).rounded(to: 4)) CPU s per 100,000", 32)
                + "\((Double(costs.written) / Double(samples)).rounded(to: 1)) bytes written a sample")
    }
}

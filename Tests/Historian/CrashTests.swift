import Foundation
import Telemetry
import TestSupport
import Testing

@testable import Historian

@Suite("Crash")
struct CrashTests {
    /// Where the child writes; set by the parent test only.
    private static let childFolder = ProcessInfo.processInfo.environment["HEADGATE_CRASH_CHILD"]

    @Test("kill -9 anywhere loses nothing that was committed, and leaves no half batch", arguments: [1] as [UInt64])
    func killed(seed: UInt64) async throws {
        var random = Seeded(seed)
        try await withFolder { folder in
            for round in 1...4 {
                let acknowledged = folder + "/acknowledged"
                #expect(FileManager.default.createFile(atPath: acknowledged, contents: nil))
                let child = Process()
                child.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
                child.arguments = ["--testing-library", "swift-testing", "--filter", "CrashTests.child"]
                child.environment = ["HEADGATE_CRASH_CHILD": folder]
                child.standardOutput = FileHandle.nullDevice
                child.standardError = FileHandle.nullDevice
                try child.run()
                let wanted = Int.random(in: 2...60, using: &random)
                while try Data(contentsOf: URL(filePath: acknowledged)).count < wanted * 8, child.isRunning { await Task.yield() }
                #expect(child.isRunning, "the child ended by itself in round \(round)")
                kill(child.processIdentifier, SIGKILL)
                child.waitUntilExit()
                try expectWhole(folder, acknowledged: lastNumber(in: Data(contentsOf: URL(filePath: acknowledged))))
            }
        }
    }

    @Test("writes until it is killed", .enabled(if: childFolder != nil))
    func child() async throws {
        let folder = try #require(Self.childFolder)
        let journal = try journal(in: folder, time: SystemTime())
        let log = try #require(FileHandle(forWritingAtPath: folder + "/acknowledged"))
        var number = journal.committed
        let parent = getppid()
        // Not for ever, and not without the parent.
        for _ in 0..<20_000 where getppid() == parent {
            for _ in 0..<Int.random(in: 1...20) {
                number += 1
                journal.append(numbered(number))
            }
            journal.record(event("\(number)"))
            try await journal.flush()
            let committed = journal.committed
            try log.write(contentsOf: withUnsafeBytes(of: committed.littleEndian) { Data($0) })
        }
    }

    @Test("after a power cut that tears the log anywhere, a run of whole commits is left", arguments: 0..<6 as Range<UInt64>)
    func torn(seed: UInt64) async throws {
        var random = Seeded(seed)
        try await withFolder { folder in
            let journal = try journal(in: folder)
            var number: Int64 = 0
            var commits: Set<Int64> = [0]
            for _ in 0..<30 {
                for _ in 0..<Int.random(in: 1...8, using: &random) {
                    number += 1
                    journal.append(numbered(number))
                }
                try await journal.flush()
                commits.insert(number)
            }
            let file = try Data(contentsOf: URL(filePath: folder + "/headgate.db"))
            let log = try Data(contentsOf: URL(filePath: folder + "/headgate.db-wal"))
            for round in 0..<10 {
                let length = round == 0 ? log.count : Int.random(in: 0...log.count, using: &random)
                let copy = folder + "/copy-\(round)"
                try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
                try file.write(to: URL(filePath: copy + "/headgate.db"))
                try log.prefix(length).write(to: URL(filePath: copy + "/headgate.db-wal"))
                let left = try expectWhole(copy, acknowledged: round == 0 ? number : 0)
                #expect(commits.contains(left), "\(length) of \(log.count) bytes")
            }
        }
    }

    /// Opens what is left and reads it all: numbers without a gap, each batch as it was written.
    @discardableResult
    private func expectWhole(_ folder: String, acknowledged: Int64) throws -> Int64 {
        let journal = try journal(in: folder)
        #expect(journal.failure == nil)
        #expect(journal.committed >= acknowledged)
        let entries = try journal.read(after: 0, limit: .max)
        #expect(entries.map(\.seq) == Array(1..<(journal.committed + 1)))
        for entry in entries where numbers([entry]) != numbers([expected(entry.seq)]) {
            Issue.record("entry \(entry.seq) is not what was written")
        }
        #expect(try !FileManager.default.contentsOfDirectory(atPath: folder).contains { $0.contains("broken") })
        return journal.committed
    }

    /// The batch of a number: its size and its values follow from it.
    private func numbered(_ number: Int64) -> Batch { batch((0...number % 4).map { Double(number * 10 + $0) }) }

    private func expected(_ number: Int64) -> Entry {
        let samples = numbered(number).samples.compactMap { sample in
            PointName("station/pump/p\(sample.point.index)").map {
                StoredSample(point: $0, unit: "m", time: sample.time, reading: sample.reading)
            }
        }
        return Entry(seq: number, site: "station", device: "pump", received: noon, samples: samples)
    }

    private func lastNumber(in log: Data) -> Int64 {
        log.prefix(log.count / 8 * 8).suffix(8).enumerated().reduce(0) { $0 | Int64($1.element) << Int64($1.offset * 8) }
    }
}

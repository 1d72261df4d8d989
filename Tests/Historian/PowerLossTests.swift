import CTornDisk
import Foundation
import GRDB
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Historian

/// What the disk was told, in order, and what is left of it when the power goes.
private struct Disk {
    struct Step {
        let kind: Int
        let file: String
        let offset: Int
        let bytes: [UInt8]
    }

    let steps: [Step]

    /// The log of everything since `torn_watch`.
    static func recorded() -> Disk {
        Disk(
            steps: (0..<torn_count()).map { index in
                let step = torn_at(index)
                let bytes = UnsafeBufferPointer(start: step.bytes, count: Int(step.count))
                return Step(kind: Int(step.kind), file: String(cString: step.file), offset: Int(step.offset), bytes: Array(bytes))
            })
    }

    /// The files after a power cut at a step: what was synced, and of everything since, sector by sector, as much as chance has it.
    func cut(at end: Int, _ random: inout Seeded) -> [String: [UInt8]] {
        var safe: [String: [UInt8]] = [:]
        var loose: [String: [Step]] = [:]
        for step in steps.prefix(end) {
            switch step.kind {
            case torn_sync:
                for step in loose.removeValue(forKey: step.file) ?? [] { Self.apply(step, to: &safe[step.file, default: []]) }
                if safe[step.file] == nil { safe[step.file] = [] }
            case torn_delete:
                safe[step.file] = nil
                loose[step.file] = nil
            default: loose[step.file, default: []].append(step)
            }
        }
        // Some cuts lose all that was not synced, some lose nothing of it, most something in between.
        let share = min(max(Double.random(in: -1...2, using: &random), 0), 1)
        for (file, steps) in loose {
            for step in steps {
                for piece in Self.sectors(of: step) where Double.random(in: 0..<1, using: &random) < share {
                    Self.apply(piece, to: &safe[file, default: []])
                }
            }
        }
        return safe
    }

    private static func sectors(of step: Step) -> [Step] {
        guard step.kind == torn_write else { return [step] }
        return stride(from: 0, to: step.bytes.count, by: 512).map { start in
            Step(
                kind: step.kind, file: step.file, offset: step.offset + start,
                bytes: Array(step.bytes[start..<min(start + 512, step.bytes.count)]))
        }
    }

    private static func apply(_ step: Step, to file: inout [UInt8]) {
        if step.kind == torn_truncate {
            file.removeLast(max(0, file.count - step.offset))
            return
        }
        let end = step.offset + step.bytes.count
        if file.count < end { file += [UInt8](repeating: 0, count: end - file.count) }
        file.replaceSubrange(step.offset..<end, with: step.bytes)
    }
}

@Suite("Power cuts and failing disks", .serialized)
struct PowerLossTests {
    private static let isLong = ProcessInfo.processInfo.environment["HEADGATE_LONG"] != nil

    private struct Promise {
        let steps: Int
        let entries: Int64
        let settled: Int64
    }

    @Test(
        "whatever of the unsynced writes is on the disk, all that was committed is there, whole, and the ledger balances",
        arguments: 0..<(isLong ? 50 : 3) as Range<UInt64>)
    func cut(seed: UInt64) async throws {
        #expect(torn_install() == 0)
        var random = Seeded(seed)
        try await withFolder { folder in
            torn_watch(folder + "/")
            let promises = try await live(in: folder, &random)
            let disk = Disk.recorded()
            torn_watch("")
            #expect(disk.steps.contains { $0.kind == torn_write && $0.file == "headgate.db" }, "there was a checkpoint")
            for round in 0..<(Self.isLong ? 100 : 30) {
                let end = Int.random(in: 0...disk.steps.count, using: &random)
                let copy = folder + "/copy-\(round)"
                try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
                for (file, bytes) in disk.cut(at: end, &random) { try Data(bytes).write(to: URL(filePath: copy + "/" + file)) }
                try expectKept(in: copy, promises.last { $0.steps <= end }, "cut after \(end) of \(disk.steps.count) steps")
            }
        }
    }

    /// A run with many commits, checkpoints, acknowledgements and passes of the archive.
    private func live(in folder: String, _ random: inout Seeded) async throws -> [Promise] {
        var promises: [Promise] = []
        let journal = try journal(in: folder)
        let pool = try #require(journal.store.withLock { $0 }).pool
        try await pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_autocheckpoint = 12") }
        var number: Int64 = 0
        for commit in 0..<60 {
            for _ in 0..<Int.random(in: 1...30, using: &random) {
                number += 1
                journal.append(batch((0...number % 4).map { Double(number * 10 + $0) }, at: noon.advanced(by: .seconds(number))))
            }
            if commit % 3 == 0 {
                let entries = 0..<number + 1
                let samples = (1...number).reduce(0) { $0 + Int($1 % 4) + 1 }
                let before = promises.last.map { last in last.settled > 0 ? (1...last.settled).reduce(0) { $0 + Int($1 % 4) + 1 } : 0 } ?? 0
                journal.settle(entries, for: "county", Outcome(acknowledged: samples - before))
            }
            try await journal.flush()
            let settled = commit % 3 == 0 ? number : promises.last?.settled ?? 0
            promises.append(Promise(steps: Int(torn_count()), entries: number, settled: settled))
            if commit % 20 == 19 { try journal.archive(all: true) }
        }
        return promises
    }

    private func expectKept(in folder: String, _ promise: Promise?, _ words: Comment) throws {
        let journal = try journal(in: folder)
        #expect(journal.failure == nil, words)
        #expect(try !FileManager.default.contentsOfDirectory(atPath: folder).contains { $0.contains("broken") }, words)
        let entries = try journal.read(after: 0, limit: .max)
        #expect(entries.map(\.seq) == Array(1..<(journal.committed + 1)), words)
        #expect(journal.committed >= promise?.entries ?? 0, words)
        for entry in entries {
            let expected = (0...entry.seq % 4).map { Double(entry.seq * 10 + $0) }
            if numbers([entry])[0] != expected { Issue.record("\(words): entry \(entry.seq) is not what was written") }
        }
        let ledger = try journal.ledger()
        #expect(ledger.discrepancies.isEmpty, words)
        #expect(ledger.destinations.first?.cursor ?? 0 >= promise?.settled ?? 0, words)
        let point = try #require(PointName("station/pump/p0"))
        let past = try journal.history(of: point, from: Timestamp(milliseconds: 0), to: noon.advanced(by: .seconds(1 << 20)), limit: .max)
        #expect(past.count == entries.count, words)
    }

    @Test(
        "a disk that fails at any write or sync costs nothing that fits into memory, and no one is told of a commit that was none",
        arguments: [ResultCode.SQLITE_FULL, .SQLITE_IOERR_WRITE, .SQLITE_IOERR_FSYNC, .SQLITE_READONLY].map(\.rawValue))
    func failing(code: Int32) async throws {
        #expect(torn_install() == 0)
        for after in stride(from: Int64(0), to: Self.isLong ? 120 : 24, by: 1) {
            try await withFolder { folder in
                torn_watch(folder + "/")
                defer { torn_watch("") }
                let journal = try journal(in: folder)
                torn_fail(code, after, 1 + after % 3)
                for number in 1...12 {
                    journal.append(batch([Double(number)]))
                    try? await journal.flush()
                    let read = (try? journal.read(after: 0, limit: .max).count) ?? 0
                    #expect(read <= number, "nothing is there twice")
                }
                torn_fail(code, 0, 0)
                try await journal.flush()
                #expect(journal.failure == nil)
                #expect(try numbers(journal.read(after: 0, limit: .max)) == (1...12).map { [Double($0)] }, "failing after \(after)")
                #expect(try journal.ledger().discrepancies.isEmpty)
            }
        }
    }
}

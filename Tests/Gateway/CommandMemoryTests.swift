import Control
import Foundation
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Gateway

@Suite("The memory of commands")
struct CommandMemoryTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/headgate-commands-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func command(_ id: String, _ stage: String) -> RememberedCommand {
        RememberedCommand(
            origin: "county broker east", id: id, order: "station/pump/run true", stage: stage, reason: nil,
            heard: Timestamp(milliseconds: 1_782_000_000_000), answered: Timestamp(milliseconds: 1_782_000_000_100))
    }

    private func memory(_ folder: String, record: @escaping @Sendable (Event) -> Void = { _ in }) -> CommandMemory {
        CommandMemory(folder: folder, time: ManualTime(), record: record)
    }

    @Test("what was kept is known to the next run, each command as it stood last, in the order they came")
    func recalls() throws {
        try withFolder { folder in
            let first = memory(folder)
            #expect(first.recall().isEmpty)
            let steps = [("a", "accepted"), ("b", "accepted"), ("a", "confirmed"), ("c", "refused")]
            for (id, stage) in steps { first.keep(command(id, stage)) }
            // The first run is not closed: it was killed.
            let second = memory(folder)
            #expect(second.recall() == [command("a", "confirmed"), command("b", "accepted"), command("c", "refused")])
            second.keep(command("d", "accepted"))
            #expect(memory(folder).recall().map(\.id) == ["a", "b", "c", "d"])
        }
    }

    @Test("a line that was torn in half costs that line only", arguments: [1, 40, 90])
    func torn(cut: Int) throws {
        try withFolder { folder in
            let first = memory(folder)
            _ = first.recall()
            first.keep(command("a", "confirmed"))
            first.keep(command("b", "accepted"))
            let path = folder + "/commands.jsonl"
            let text = try Data(contentsOf: URL(filePath: path))
            try text.dropLast(cut).write(to: URL(filePath: path))
            let second = memory(folder)
            #expect(second.recall().map(\.id) == (cut == 1 ? ["a", "b"] : ["a"]))
            second.keep(command("c", "accepted"))
            #expect(memory(folder).recall().map(\.id) == (cut == 1 ? ["a", "b", "c"] : ["a", "c"]))
        }
    }

    @Test("a folder that cannot be written is told once, and holds nobody up")
    func unwritable() throws {
        let told = Mutex<[String]>([])
        let memory = memory("/proc/nothing") { event in told.withLock { $0.append(event.text) } }
        #expect(memory.recall().isEmpty)
        for _ in 0..<3 { memory.keep(command("a", "accepted")) }
        #expect(told.withLock { $0.count } == 1)
    }
}

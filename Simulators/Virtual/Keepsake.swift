import Control
import Foundation
import Gateway
import Synchronization

/// What outlives a crash of the gateway, in the very bytes that it keeps in its data folder. Never on a disk here.
struct Keepsake: Sendable {
    /// `rules.json`.
    private final class Shelf: Sendable { let bytes = Mutex<[UInt8]?>(nil) }

    private let shelf = Shelf()
    let rules: RuleMemory
    /// `lockouts.json` and `control.json`.
    var locks: [LockOut] = []
    private var duties: Data?
    /// `commands.jsonl`.
    private var lines = Data()

    init() {
        rules = RuleMemory(
            load: { [shelf] in shelf.bytes.withLock { $0 } }, keep: { [shelf] bytes in shelf.bytes.withLock { $0 = bytes } })
    }

    mutating func keep(_ command: RememberedCommand) {
        if let line = CommandMemory.line(command) { lines += line }
    }

    mutating func keep(_ guards: GuardSnapshot) { duties = try? JSONEncoder().encode(guards) }

    var guards: GuardSnapshot? { duties.flatMap { try? JSONDecoder().decode(GuardSnapshot.self, from: $0) } }

    /// As the gateway does it at its start: reads all, and leaves out what is superseded.
    mutating func recallCommands() -> [RememberedCommand] {
        let commands = CommandMemory.commands(in: lines)
        lines = commands.suffix(50_000).compactMap(CommandMemory.line).reduce(into: Data()) { $0 += $1 }
        return commands
    }

    /// A planted bug: what was remembered of times is lost.
    func forgetTimes() {
        shelf.bytes.withLock { bytes in
            guard let old = bytes, let text = String(bytes: old, encoding: .utf8) else { return }
            // Every moment, `"moments":{…}` of `Memory`, becomes none.
            bytes = Array(text.replacing(/"moments":\{[^}]*\}/, with: "\"moments\":{}").utf8)
        }
    }
}

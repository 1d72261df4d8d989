package import Control
package import FoundationEssentials
import Glibc
import Synchronization
import Telemetry

/// The ids of the county's commands, in `commands.jsonl` beside the store, so that a repetition is known after a restart.
///
/// A line for each step of a command, the last one counts. A line is handed to the kernel before the command's write leaves: it
/// survives the process. What a power cut takes with it is older than the command's expiry by the time anyone is up again.
package final class CommandMemory: Sendable {
    private struct File {
        var descriptor: Int32 = -1
        var bytes = 0
        /// Longer than this, it is written anew.
        var limit = CommandMemory.most
        var isTroubled = false
    }

    /// A shorter file is left alone; a longer one is written anew, with the last line of each command, once it has doubled.
    private static let most = 8 << 20

    private let path: String
    private let time: any TimeSource
    private let record: @Sendable (Event) -> Void
    private let file = Mutex(File())

    /// Opens nothing yet.
    init(folder: String, time: any TimeSource, record: @escaping @Sendable (Event) -> Void) {
        path = folder + "/commands.jsonl"
        self.time = time
        self.record = record
    }

    deinit { file.withLock { if $0.descriptor >= 0 { close($0.descriptor) } } }

    /// What earlier runs remembered, the oldest first. A line that cannot be read, as the last one after a power cut, is left out.
    func recall() -> [RememberedCommand] { file.withLock { open(&$0) } }

    /// Never waits for the disk's own memory.
    func keep(_ command: RememberedCommand) {
        guard let line = Self.line(command) else { return }
        let trouble: String? = file.withLock { file in
            if file.descriptor < 0 || file.bytes > file.limit { _ = open(&file) }
            let count = line.withUnsafeBytes { write(file.descriptor, $0.baseAddress, $0.count) }
            if count == line.count {
                file.bytes += count
                file.isTroubled = false
                return nil
            }
            defer { file.isTroubled = true }
            return file.isTroubled ? nil : String(cString: strerror(errno))
        }
        guard let trouble else { return }
        let text = "The ids of commands cannot be written to \(path): \(trouble). A command that is repeated after a restart may run twice."
        record(Event(time: time.now().wall, kind: .alarm, subject: "gateway", origin: "gateway", text: text))
    }

    /// Reads the file, writes it anew without what is superseded, and opens it for more.
    private func open(_ file: inout File) -> [RememberedCommand] {
        if file.descriptor >= 0 { close(file.descriptor) }
        let commands = Self.commands(in: FileManager.default.contents(atPath: path) ?? Data())
        let text = commands.suffix(50_000).compactMap(Self.line).reduce(into: Data()) { $0 += $1 }
        if !text.isEmpty { try? text.write(to: URL(filePath: path), options: .atomic) }
        file.descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        file.bytes = text.count
        // Fifty thousand commands may be more than that by themselves, and are not to be written anew with each that comes.
        file.limit = max(Self.most, 2 * text.count)
        return commands
    }

    /// The last line of each command in a file, the oldest command first.
    package static func commands(in file: Data) -> [RememberedCommand] {
        var latest: [String: Int] = [:]
        var commands: [RememberedCommand] = []
        for line in file.split(separator: UInt8(ascii: "\n")) {
            guard let command = try? JSONDecoder().decode(RememberedCommand.self, from: line) else { continue }
            let key = command.origin + "\n" + command.id
            if let place = latest[key] { commands[place] = command } else {
                latest[key] = commands.count
                commands.append(command)
            }
        }
        return commands
    }

    /// A command as a line of the file.
    package static func line(_ command: RememberedCommand) -> Data? {
        (try? JSONEncoder().encode(command)).map { $0 + [UInt8(ascii: "\n")] }
    }
}

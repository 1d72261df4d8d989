import Alarms
import FoundationEssentials
import Synchronization
import Telemetry

/// What people did to alarms, in `alarms.json` beside the store: replaced in one step, so that whoever reads it after a power cut
/// finds the old one or the new one.
final class AlarmMemory: Sendable {
    private let path: String
    /// Whether people were told that it cannot be written.
    private let isTroubled = Mutex(false)

    /// Opens nothing yet.
    init(folder: String) { path = folder + "/alarms.json" }

    /// - Returns: what people should know of it.
    func recall(_ desk: inout AlarmDesk, at now: Moment) -> [Event] {
        guard let bytes = FileManager.default.contents(atPath: path) else { return [] }
        guard let snapshot = try? JSONDecoder().decode(AlarmSnapshot.self, from: bytes) else {
            let text =
                "What was known of alarms cannot be read from \(path): all begin anew. "
                + "Look through what was shelved or out of service."
            return [Event(time: now.wall, kind: .alarm, subject: "alarms", origin: "alarms", text: text)]
        }
        return desk.restore(snapshot, at: now).filter { !$0.isQuiet }.map(\.event)
    }

    /// - Returns: whether it is written, and if not, what people should know of it: once, until it is well again. The alarms
    ///   themselves go on without a disk.
    func store(_ snapshot: AlarmSnapshot) -> (isWritten: Bool, trouble: String?) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            try encoder.encode(snapshot).write(to: URL(filePath: path), options: .atomic)
            isTroubled.withLock { $0 = false }
            return (true, nil)
        } catch {
            let isKnown = isTroubled.withLock { isTroubled in
                defer { isTroubled = true }
                return isTroubled
            }
            let text =
                "Alarms cannot be written to \(path). "
                + "After a restart, what is acknowledged, shelved or out of service is as it was before."
            return (false, isKnown ? nil : text)
        }
    }
}

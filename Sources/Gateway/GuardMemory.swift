import Control
import FoundationEssentials
import Synchronization
import Telemetry

/// What guards must not forget, in `control.json` beside the store: starts of the last hour, rests, runs, trips that wait for a person.
/// Written within a second of a change, on a task of its own: no start waits for a disk.
final class GuardMemory: Sendable {
    private let file: DurableFile
    private let time: any TimeSource
    private let record: @Sendable (Event) -> Void
    private let isTroubled = Atomic(false)
    private let bells: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// Opens nothing yet.
    init(folder: String, time: any TimeSource, record: @escaping @Sendable (Event) -> Void) {
        file = DurableFile(path: folder + "/control.json")
        self.time = time
        self.record = record
        (bells, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether a gateway has run here before.
    var exists: Bool { FileManager.default.fileExists(atPath: file.path) }

    func ring() { bell.yield() }

    /// What cannot be read is an alarm. Then nothing is known of any machine, and each rests as if it had just stopped.
    func recall(into control: Control) {
        do throws(DurableFile.Trouble) {
            guard let data = try file.read() else { return }
            guard let snapshot = try? JSONDecoder().decode(GuardSnapshot.self, from: data) else {
                throw DurableFile.Trouble(description: "it is not understood")
            }
            control.restore(snapshot)
        } catch {
            tell("What guarded machines did before is not known (\(file.path): \(error)); each rests first, and trips are judged anew.")
        }
    }

    func run(control: Control, time: any TimeSource) async throws {
        save(control)
        for await _ in bells {
            save(control)
            try await time.sleep(for: .seconds(1))
        }
    }

    func save(_ control: Control) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let data = try? encoder.encode(control.guardSnapshot) else { return }
        do throws(DurableFile.Trouble) {
            try file.replace(with: data)
            isTroubled.store(false, ordering: .relaxed)
        } catch {
            // The next change tries again; one alarm is enough until then.
            guard !isTroubled.exchange(true, ordering: .relaxed) else { return }
            tell("What guards must remember cannot be stored (\(file.path): \(error)); after a restart each machine rests first.")
        }
    }

    private func tell(_ text: String) {
        record(Event(time: time.now().wall, kind: .alarm, subject: "gateway", origin: "gateway", text: text))
    }
}

import Control
import FoundationEssentials
import Synchronization
import Telemetry

/// What guards must not forget, in `control.json` beside the store: starts of the last hour, rests, runs, trips that wait for a person.
/// Handed to the kernel with each change, before a start leaves: it survives the process. On the disk within a second, by a task of
/// its own: no start waits for that.
final class GuardMemory: Sendable {
    private let file: DurableFile
    private let time: any TimeSource
    private let record: @Sendable (Event) -> Void
    private let isTroubled = Atomic(false)
    /// Guards the file's draft: one writer at a time.
    private let writing = Mutex(())
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

    /// On any thread: what is known is handed to the kernel.
    func changed(_ guards: () -> GuardSnapshot) {
        put(guards)
        bell.yield()
    }

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
            attempt { () throws(DurableFile.Trouble) in try file.sync() }
            try await time.sleep(for: .seconds(1))
        }
    }

    func save(_ control: Control) {
        put { control.guardSnapshot }
        attempt { () throws(DurableFile.Trouble) in try file.sync() }
    }

    /// Asked under the lock, so that an older answer never takes a newer one's place.
    private func put(_ guards: () -> GuardSnapshot) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        attempt { () throws(DurableFile.Trouble) in
            try writing.withLock { (_: inout sending ()) throws(DurableFile.Trouble) in
                guard let data = try? encoder.encode(guards()) else { return }
                try file.replace(with: data, isSynced: false)
            }
        }
    }

    private func attempt(_ work: () throws(DurableFile.Trouble) -> Void) {
        do throws(DurableFile.Trouble) {
            try work()
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

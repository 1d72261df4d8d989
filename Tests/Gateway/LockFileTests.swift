import Control
import Foundation
import Synchronization
import Telemetry
import Testing

@testable import Gateway

@Suite("What outlives the gateway of locks and guards")
struct LockFileTests {
    private static let directory = Directory(
        points: ["run", "fault"].map { name in
            guard let full = PointName(site: "north", device: "pump-1", point: name) else { preconditionFailure("a bad name") }
            return Point(name: full, device: DeviceID(index: 0), type: .bool, maximumAge: .seconds(30), isWritable: name == "run")
        }, devices: [("north", "pump-1")])
    private static let run = PointID(index: 0)

    private final class Field: Actuator {
        let written = Mutex<[Value]>([])
        func write(_ value: Value, to point: PointID) async -> WriteOutcome {
            written.withLock { $0.append(value) }
            return .echoed(value)
        }
    }

    /// One run of a gateway's control over a folder, as `Gateway` puts it together.
    private struct Run {
        let control: Control
        let field = Field()
        let alarms: @Sendable () -> [String]

        init(_ folder: URL) {
            let events = Shared()
            let record: @Sendable (Event) -> Void = { event in
                if event.kind == .alarm { events.texts.withLock { $0.append(event.text) } }
            }
            alarms = { events.texts.withLock { $0 } }
            let memory = GuardMemory(folder: folder.path, time: SystemTime(), record: record)
            let locks = LockFile(folder: folder.path)
            var plan = ActuatorPlan(point: LockFileTests.run, safe: .bool(false))
            plan.guards.minimumOff = .seconds(3600)
            control = Control(
                plans: [plan], directory: LockFileTests.directory, actuator: field, time: SystemTime(),
                keepLocks: { locks.keep($0, number: $1) }, record: record)
            control.restore(locks.recall(hasRunBefore: memory.exists, at: SystemTime().now().wall))
            memory.recall(into: control)
            memory.save(control)
        }

        func starts() async -> String {
            let now = SystemTime().now()
            let sample = Sample(point: LockFileTests.run, time: now.wall, reading: .good(.bool(false)))
            await control.observe(Batch(device: DeviceID(index: 0), received: now, samples: [sample]))
            let answer = Mutex("")
            let command = RemoteCommand(origin: "A", point: "north/pump-1/run", order: .set(.bool(true)))
            control.command(command, under: RemoteTerms()) { said in answer.withLock { $0 = said.reason ?? said.stage.rawValue } }
            return answer.withLock { $0 }
        }
    }

    private final class Shared: Sendable { let texts = Mutex<[String]>([]) }

    private static let lock = LockOut(
        subject: "north/pump-1", person: "A", phone: "555-0100", reason: "a new seal", since: Timestamp(milliseconds: 1_782_000_000_000))

    private func inFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "headgate-locks-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    @Test("a lock is on the disk when its order is answered, and holds after a restart")
    func survives() async throws {
        try await inFolder { folder in
            guard case .done = Run(folder).control.lock(Self.lock) else { return #expect(Bool(false), "it is locked") }
            let stored = try JSONDecoder().decode(LockBook.self, from: Data(contentsOf: folder.appending(path: "lockouts.json")))
            #expect(stored == LockBook(locks: [Self.lock]))
            let next = Run(folder)
            #expect(await next.starts() == Self.lock.words)
            #expect(next.control.locks == [Self.lock])
            guard case .done = next.control.unlock("north/pump-1", of: "A", by: "A", role: .worker, reason: "") else {
                return #expect(Bool(false), "it is taken away")
            }
            #expect(Run(folder).control.locks.isEmpty)
        }
    }

    @Test(
        "a file that cannot be read, or is gone, keeps every machine off until a supervisor says otherwise, over restarts too",
        arguments: ["{\"version\":1,\"locks\":[{\"subj", "{\"version\":9,\"locks\":[]}", nil])
    func unreadable(text: String?) async throws {
        try await inFolder { folder in
            let file = folder.appending(path: "lockouts.json")
            _ = Run(folder).control.lock(Self.lock)
            if let text { try Data(text.utf8).write(to: file) } else { try FileManager.default.removeItem(at: file) }
            for _ in 0..<2 {
                let run = Run(folder)
                #expect(run.alarms().contains { $0.hasPrefix("the file of lock-outs cannot be believed") })
                #expect(await run.starts().hasPrefix("the file of lock-outs cannot be believed"))
                #expect(run.field.written.withLock { $0 }.isEmpty)
            }
            let run = Run(folder)
            guard case .refused = run.control.unseal(by: "B", role: .worker, reason: "it is fine") else {
                return #expect(Bool(false), "a worker may not")
            }
            guard case .done = run.control.unseal(by: "B", role: .supervisor, reason: "nobody is in the station") else {
                return #expect(Bool(false), "a supervisor may")
            }
            #expect(await Run(folder).starts().hasPrefix("it rests for 1 h after a stop"))
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(names.count == (text == nil ? 2 : 3), "what was there is kept for a person to look at: \(names)")
        }
    }

    @Test("what guards remember cannot be read is an alarm, and each machine rests first")
    func guards() async throws {
        try await inFolder { folder in
            let first = Run(folder)
            #expect(first.alarms().isEmpty)
            try Data("nonsense".utf8).write(to: folder.appending(path: "control.json"))
            let run = Run(folder)
            #expect(run.alarms().count == 1 && run.alarms()[0].hasPrefix("What guarded machines did before is not known"))
            #expect(await run.starts().hasPrefix("it rests for 1 h after a stop; it may start at"))
        }
    }

    @Test("a disk that takes nothing is told of in the answer, and the lock holds all the same")
    func full() async throws {
        try await inFolder { folder in
            let run = Run(folder)
            // A folder in the draft's place is as good as a full disk, for any user.
            try FileManager.default.createDirectory(at: folder.appending(path: "lockouts.json.new"), withIntermediateDirectories: true)
            guard case .done(let text) = run.control.lock(Self.lock) else { return #expect(Bool(false), "it is locked") }
            #expect(text.contains("could not be stored and would not outlive a restart"))
            #expect(await run.starts() == Self.lock.words)
        }
    }
}

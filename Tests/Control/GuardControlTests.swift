import Control
import Synchronization
import Telemetry
import TestSupport
import Testing

@Suite("Control with guards", .timeLimit(.minutes(1)))
struct GuardControlTests {
    private final class Field: Actuator {
        let written = Mutex<[Value]>([])
        func write(_ value: Value, to point: PointID) async -> WriteOutcome {
            written.withLock { $0.append(value) }
            return .echoed(value)
        }
    }

    private final class Files: Sendable {
        let lists = Mutex<[[String]]>([])
        let bells = Mutex(0)
        let trouble = Mutex<String?>(nil)
        let events = Mutex<[String]>([])
    }

    private static func control(_ field: Field, _ files: Files) -> Control {
        var guards = Guards()
        guards.minimumOff = .seconds(120)
        return Control(
            plans: [GuardBench.plan("one", guards)], directory: GuardBench.directory, actuator: field, time: SystemTime(),
            guardsChanged: { _ in files.bells.withLock { $0 += 1 } },
            keepLocks: { book, _ in
                files.lists.withLock { $0.append(book.locks.map(\.person)) }
                return files.trouble.withLock { $0 }
            },
            record: { event in files.events.withLock { $0.append(event.text) } })
    }

    private static func reading(_ value: Bool) -> Batch {
        let now = SystemTime().now()
        let sample = Sample(point: GuardBench.id("one"), time: now.wall, reading: .good(.bool(value)))
        return Batch(device: DeviceID(index: 0), received: now, samples: [sample])
    }

    private static func lock(_ person: String) -> LockOut {
        LockOut(subject: "station/pump-1", person: person, phone: "555-0100", reason: "a new seal", since: Timestamp(milliseconds: 0))
    }

    @Test("stores a lock before it answers, and says so where it cannot")
    func stores() {
        let (field, files) = (Field(), Files())
        let control = Self.control(field, files)
        guard case .done = control.lock(Self.lock("A")) else { return #expect(Bool(false), "it is done") }
        #expect(files.lists.withLock { $0 } == [["A"]])
        files.trouble.withLock { $0 = "the disk is full" }
        let text = Self.lock("B").words + "; it holds, but could not be stored and would not outlive a restart: the disk is full"
        #expect(control.lock(Self.lock("B")) == .done(text))
        #expect(control.locks.map(\.person) == ["A", "B"])
        guard case .refused = control.unlock("station/pump-1", of: "A", by: "C", role: .worker, reason: "") else {
            return #expect(Bool(false), "C is neither A nor a supervisor")
        }
        #expect(files.lists.withLock { $0.count } == 2, "what is refused is not stored")
    }

    @Test("forces the safe value on the thread of the order, and rings when guards have changed")
    func leaves() async {
        let (field, files) = (Field(), Files())
        let control = Self.control(field, files)
        await control.observe(Self.reading(true))
        #expect(files.bells.withLock { $0 } > 0)
        _ = control.lock(Self.lock("A"))
        #expect(field.written.withLock { $0 } == [.bool(false)])
        #expect(control.stop(GuardBench.id("one"), by: "A") == .done("stopped"))
    }

    @Test("lets a selected start go as a command of the person, whose refusal names what stands against it")
    func operates() async throws {
        let (field, files) = (Field(), Files())
        let control = Self.control(field, files)
        await control.observe(Self.reading(false))
        let selection = try control.select(GuardBench.id("one"), .bool(true), by: "A").get()
        let answers = Mutex<[RemoteAnswer]>([])
        let refusal = control.operate(selection.token, GuardBench.id("one"), .bool(true), by: "A", under: RemoteTerms()) { answer in
            answers.withLock { $0.append(answer) }
        }
        #expect(refusal == nil)
        let reason = answers.withLock { $0.last?.reason }
        #expect(reason?.hasPrefix("it rests for 2 min after a stop; it may start at") == true)
        #expect(selection.standings.last?.objection == reason)
    }
}

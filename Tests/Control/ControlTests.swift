import Control
import Synchronization
import Telemetry
import TestSupport
import Testing

@Suite("Control", .timeLimit(.minutes(1)))
struct ControlTests {
    @Test("carries a want to the field and its story to the journal")
    func carries() async throws {
        let scene = Scene()
        try await scene.running { control in
            await control.observe(scene.batch("valve", .bool(false)))
            await control.want(scene.want("valve", .bool(true)))
            await scene.field.written(1)
            #expect(scene.field.writes == ["valve=true"])
            await scene.heard { $0.contains { $0.text.hasPrefix("confirmed") } }
            #expect(await control.counters.confirmed == 1)
        }
    }

    @Test("hears wants and takes readings while a write to a dead device runs out")
    func doesNotBlock() async throws {
        let scene = Scene()
        scene.field.hold(true)
        try await scene.running { control in
            await control.observe(scene.batch("valve", .bool(false)))
            await control.observe(scene.batch("speed", .double(0)))
            await control.want(scene.want("valve", .bool(true)))
            await scene.field.written(1)
            await control.want(scene.want("speed", .double(10)))
            await scene.field.written(2)
            await control.want(scene.want("valve", .bool(false)))
            #expect(await control.explain(Bench.id("valve")).contains("The command is sent."))
            scene.field.hold(false)
            await scene.field.written(3)
            #expect(scene.field.writes.sorted() == ["speed=10.0", "valve=false", "valve=true"])
        }
    }

    @Test("keeps time by itself: a want's end, and the next attempt after a failure")
    func keepsTime() async throws {
        let scene = Scene()
        try await scene.running { control in
            await control.observe(scene.batch("valve", .bool(false)))
            await control.want(scene.want("valve", .bool(true), for: .seconds(20)))
            await scene.field.written(1)
            await scene.heard { $0.contains { $0.text.hasPrefix("confirmed") } }
            scene.field.fail("no answer")
            await scene.time.advance(by: .seconds(20))
            await scene.field.written(2)
            await scene.heard { $0.contains { $0.text.contains("tried again in 1 s") } }
            scene.field.fail(nil)
            await scene.time.advance(by: .seconds(1))
            await scene.field.written(3)
            #expect(scene.field.writes == ["valve=true", "valve=false", "valve=false"])
        }
    }

    @Test("stops with the safe values written, even after its run was cancelled")
    func stops() async throws {
        let scene = Scene()
        let control = try await scene.running { control in
            await control.observe(scene.batch("valve", .bool(false)))
            await control.observe(scene.batch("run", .bool(false)))
            await control.want(scene.want("valve", .bool(true)))
            await control.want(scene.want("run", .bool(true)))
            await scene.field.written(2)
            await scene.heard { $0.contains { $0.text.hasPrefix("confirmed") } }
        }
        await control.stop()
        #expect(scene.field.writes.suffix(2).sorted() == ["run=false", "valve=false"])
        await control.want(scene.want("valve", .bool(true)))
        #expect(scene.field.writes.count == 4)
    }

    @Test("stops as well for a task that has been cancelled")
    func stopsWhenCancelled() async throws {
        let scene = Scene()
        let control = try await scene.running { control in
            await control.observe(scene.batch("valve", .bool(false)))
            await control.want(scene.want("valve", .bool(true)))
            await scene.heard { $0.contains { $0.text.hasPrefix("confirmed") } }
        }
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask { await control.stop() }
        }
        #expect(scene.field.writes == ["valve=true", "valve=false"])
        #expect(await control.explain(Bench.id("valve")).contains("reads false"))
    }

    @Test("gives up a stop after a few seconds where the field does not answer")
    func stopIsBounded() async throws {
        let scene = Scene()
        let control = try await scene.running { control in
            await control.observe(scene.batch("valve", .bool(false)))
            await control.want(scene.want("valve", .bool(true)))
            await scene.heard { $0.contains { $0.text.hasPrefix("confirmed") } }
        }
        scene.field.fail("no answer")
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await control.stop() }
            group.addTask { await scene.time.advance(by: .seconds(10)) }
        }
        #expect(scene.field.writes.prefix(2) == ["valve=true", "valve=false"])
        #expect(scene.field.writes.count <= 5, "at 0, 1 and 3 s, and a last one should the clock jump")
    }
}

/// Control with a field and a clock drawn by hand.
private struct Scene {
    let field = Field()
    let time = ManualTime()
    private let events = Events()

    @discardableResult
    func running(_ body: (Control) async throws -> Void) async throws -> Control {
        let control = Control(
            plans: Bench.plans, directory: Bench.directory, actuator: field, time: time, record: { [events] in events.add($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await control.run() }
            try await body(control)
            group.cancelAll()
        }
        return control
    }

    func want(_ name: String, _ value: Value, for span: Duration? = nil) -> Want {
        Want(point: Bench.id(name), value: value, owner: "rule", expires: span.map { time.now().monotonic + $0 }, why: "because")
    }

    func batch(_ name: String, _ value: Value) -> Batch {
        let now = time.now()
        let sample = Sample(point: Bench.id(name), time: now.wall, reading: .good(value))
        return Batch(device: DeviceID(index: 0), received: now, samples: [sample])
    }

    /// Returns once the events are as asked for.
    func heard(_ condition: ([Event]) -> Bool, at location: SourceLocation = #_sourceLocation) async {
        for _ in 0..<patience {
            if condition(events.all) { return }
            await Task.yield()
        }
        Issue.record("not heard; only \(events.all.map(\.text)), written \(field.writes)", sourceLocation: location)
    }
}

/// How many turns others are given to do what is waited for.
private let patience = 1_000_000

private final class Events: Sendable {
    private let list = Mutex<[Event]>([])
    var all: [Event] { list.withLock { $0 } }
    func add(_ event: Event) { list.withLock { $0.append(event) } }
}

/// Devices that take what they are given, unless told to fail or to hold their answers.
private final class Field: Actuator {
    private struct State {
        var writes: [String] = []
        var isHolding = false
        var failure: String?
    }

    private let state = Mutex(State())

    var writes: [String] { state.withLock { $0.writes } }
    func hold(_ isHolding: Bool) { state.withLock { $0.isHolding = isHolding } }
    func fail(_ failure: String?) { state.withLock { $0.failure = failure } }

    func write(_ value: Value, to point: PointID) async -> WriteOutcome {
        let text: String
        switch value {
        case .bool(let value): text = "\(value)"
        case .double(let value): text = "\(value)"
        default: text = "\(value)"
        }
        if Task.isCancelled { return .failed("cancelled") }
        state.withLock { $0.writes.append("\(Bench.names[point.index])=\(text)") }
        while state.withLock({ $0.isHolding }) { await Task.yield() }
        return state.withLock { $0.failure }.map { .failed($0) } ?? .echoed(value)
    }

    /// Returns once so many writes have reached the field.
    func written(_ count: Int, at location: SourceLocation = #_sourceLocation) async {
        for _ in 0..<patience {
            if writes.count >= count { return }
            await Task.yield()
        }
        Issue.record("only \(writes) reached the field", sourceLocation: location)
    }
}

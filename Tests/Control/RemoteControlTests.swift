import Control
import Synchronization
import Telemetry
import TestSupport
import Testing

@Suite("Control, commanded from outside", .timeLimit(.minutes(1)))
struct RemoteControlTests {
    private let field = Field()
    private let time = ManualTime()
    private let told = Told()

    private func control() -> Control {
        Control(plans: Bench.plans, directory: Bench.directory, actuator: field, time: time, record: { [told] in told.hear($0.text) })
    }

    private func command(_ control: Control, _ id: String, _ name: String, _ value: Value) {
        let command = RemoteCommand(id: id, origin: "county", point: "station/pump/\(name)", order: .set(value))
        control.command(command, under: RemoteTerms()) { [told] in told.hear("\($0.id) \($0.stage.rawValue)") }
    }

    private func sees(_ control: Control, _ name: String, _ value: Value) async {
        let sample = Sample(point: Bench.id(name), time: time.now().wall, reading: .good(value))
        await control.observe(Batch(device: DeviceID(index: 0), received: time.now(), samples: [sample]))
    }

    @Test("has the write under way when the call returns, without a task or a thread of its own")
    func immediate() async {
        let control = control()
        await sees(control, "speed", .double(10))
        field.hold(true)
        command(control, "a", "speed", .int(20))
        #expect(field.writes == ["speed=20.0"])
        #expect(told.all.contains("a accepted"))
        field.hold(false)
        await told.heard("a confirmed")
        #expect(await control.counters.commandsAccepted == 1)
    }

    @Test("tells the story in its order, from however many threads it is commanded")
    func order() async {
        let control = control()
        await sees(control, "speed", .double(10))
        let lasts = ["confirmed", "superseded"]
        await withTaskGroup(of: Void.self) { group in
            // What waits for the write before it leaves from here.
            group.addTask { try? await control.run() }
            for index in 0..<40 { group.addTask { command(control, "\(index)", "speed", .int(Int64(5 + index))) } }
            for index in 0..<40 { await told.heard { told in lasts.contains { told.contains("\(index) \($0)") } } }
            group.cancelAll()
        }
        for index in 0..<40 {
            let mine = told.all.filter { $0.hasPrefix("\(index) ") }
            #expect(mine.first == "\(index) accepted")
            #expect(lasts.contains { mine.last == "\(index) \($0)" }, "\(mine)")
        }
        #expect(await control.counters.sent == field.writes.count)
    }

    @Test("gives each command to be stored before its write leaves, and again when it has come further")
    func stored() async {
        let control = Control(
            plans: Bench.plans, directory: Bench.directory, actuator: field, time: time,
            keep: { [told, field] in told.hear("kept \($0.id) \($0.stage) after \(field.writes.count) writes") }, record: { _ in })
        await sees(control, "speed", .double(10))
        command(control, "a", "speed", .int(20))
        await told.heard("a confirmed")
        let kept = told.all.filter { $0.hasPrefix("kept") }
        #expect(kept.first?.hasSuffix("after 0 writes") == true)
        #expect(kept.last == "kept a confirmed after 1 writes")
    }

    @Test("remembers ids across a restart, and stops with the safe value")
    func restart() async {
        let first = control()
        await sees(first, "valve", .bool(false))
        command(first, "a", "valve", .bool(true))
        await told.heard("a confirmed")
        await first.stop()
        #expect(field.writes == ["valve=true", "valve=false"])
        let second = control()
        second.restore(first.rememberedCommands)
        await sees(second, "valve", .bool(false))
        command(second, "a", "valve", .bool(true))
        #expect(told.all.filter { $0 == "a confirmed" }.count == 2)
        #expect(field.writes.count == 2)
    }
}

/// What was told, to whomever, in its order.
private final class Told: Sendable {
    private let list = Mutex<[String]>([])
    var all: [String] { list.withLock { $0 } }
    func hear(_ text: String) { list.withLock { $0.append(text) } }

    func heard(_ text: String, at location: SourceLocation = #_sourceLocation) async {
        await heard({ $0.contains(text) }, at: location)
    }

    /// Returns once it is as asked for.
    func heard(_ condition: ([String]) -> Bool, at location: SourceLocation = #_sourceLocation) async {
        for _ in 0..<1_000_000 {
            if condition(all) { return }
            await Task.yield()
        }
        Issue.record("not told; only \(all)", sourceLocation: location)
    }
}

/// Devices that take what they are given, at once or when let.
private final class Field: Actuator {
    private let state = Mutex((writes: [String](), isHolding: false))

    var writes: [String] { state.withLock { $0.writes } }
    func hold(_ isHolding: Bool) { state.withLock { $0.isHolding = isHolding } }

    func write(_ value: Value, to point: PointID) async -> WriteOutcome {
        let text: String
        switch value {
        case .bool(let value): text = "\(value)"
        case .double(let value): text = "\(value)"
        default: text = "\(value)"
        }
        state.withLock { $0.writes.append("\(Bench.names[point.index])=\(text)") }
        while state.withLock({ $0.isHolding }) { await Task.yield() }
        return .echoed(value)
    }
}

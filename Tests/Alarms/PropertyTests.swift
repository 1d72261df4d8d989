import Alarms
import Telemetry
import Testing

@Suite("whatever happens")
struct PropertyTests {
    @Test("an alarm that called and was not answered is on the list until it is", arguments: 1...20 as ClosedRange<UInt64>)
    func neverLost(_ seed: UInt64) {
        var run = History.Run()
        var owed: Set<String> = []
        for step in History(seed: seed, count: 400).steps {
            run.changes = []
            run.play(step)
            for change in run.changes {
                if change.isAnnunciated { owed.insert(change.alarm) }
                // Answered, or put aside by a person or by design: and when that ends it calls again if it still holds.
                if change.kind == .acknowledged || change.state?.isHidden == true { owed.remove(change.alarm) }
            }
            let listed = run.desk.list(at: run.now)
            let calling = Set(
                listed.filter { [.unacknowledged, .returnedUnacknowledged, .latchedUnacknowledged].contains($0.state) }.map(
                    \.definition.name))
            #expect(owed == calling)
            for alarm in History.alarms {
                guard let summary = run.desk.summary(of: alarm.name, at: run.now), summary.flags.active else { continue }
                #expect(listed.contains { $0.definition.name == alarm.name }, "\(alarm.name) is active, and not on the list")
                #expect(summary.flags.acked || summary.state.isHidden || owed.contains(alarm.name))
            }
        }
    }

    @Test("every change of state is told, with the state it leads to", arguments: 1...20 as ClosedRange<UInt64>)
    func everyChangeIsTold(_ seed: UInt64) {
        var run = History.Run()
        var known = Dictionary(uniqueKeysWithValues: zip(History.alarms.map(\.name), run.states))
        for (number, step) in History(seed: seed, count: 400).steps.enumerated() {
            run.changes = []
            run.play(step)
            for change in run.changes where known[change.alarm] != nil { known[change.alarm] = change.state }
            #expect(History.alarms.map { known[$0.name] ?? nil } == run.states, "step \(number): \(run.changes)")
        }
    }

    @Test(
        "a restart at any step forgets nothing that is on the list, and once the present is heard the same calls come",
        arguments: 1...20 as ClosedRange<UInt64>)
    func restart(_ seed: UInt64) throws {
        let steps = History(seed: seed, count: 300).steps
        var whole = History.Run()
        var random = SeededRandom(seed: seed)
        let cut = Int.random(in: steps.indices, using: &random)
        for step in steps[..<cut] { whole.play(step) }
        // The machine was started anew, so its monotonic clock shows something else.
        let shift = Duration.milliseconds(Int.random(in: -1_000_000...1_000_000, using: &random))
        var second = History.Run(at: Moment(monotonic: whole.now.monotonic + shift, wall: whole.now.wall))
        #expect(second.desk.restore(try whole.saved(), at: second.now) == [])
        #expect(second.listed == whole.listed)
        // All at once, as the point table hands them to a desk that begins.
        let present = History.Step.hear(History.present(at: whole.now.monotonic, &random))
        for step in [present] + steps[cut...] {
            whole.changes = []
            second.changes = []
            whole.play(step)
            second.play(step, shift: shift)
            // A normal alarm that cannot be seen may be hidden a little longer than without the restart; it calls nobody either way.
            #expect(second.changes.filter(\.isAnnunciated) == whole.changes.filter(\.isAnnunciated))
            #expect(Set(second.listed) == Set(whole.listed))
        }
        let (after, before) = (second.desk.figures(at: second.now.monotonic), whole.desk.figures(at: whole.now.monotonic))
        #expect(after.topTen == before.topTen && after.callsInADay == before.callsInADay && after.floods == before.floods)
    }

    @Test("time told in many steps or in few gives the same events at the same times", arguments: 1...20 as ClosedRange<UInt64>)
    func stepsOfTime(_ seed: UInt64) {
        var few = History.Run()
        var many = History.Run()
        var random = SeededRandom(seed: seed)
        for step in History(seed: seed, count: 300).steps {
            guard case .wait(var left) = step else {
                few.play(step)
                many.play(step)
                continue
            }
            // This one is told the time only with the next reading or order.
            few.now = few.now.advanced(by: left)
            while left > .milliseconds(3) {
                let part = Duration.milliseconds(Int64.random(in: 1...max(1, left.wholeMilliseconds / 2), using: &random))
                many.play(.wait(part))
                left -= part
            }
            many.play(.wait(left))
        }
        few.play(.wait(.zero))
        #expect(few.changes == many.changes)
        #expect(few.states == many.states)
    }

    @Test("the next wake is never in the past, and nothing happens before it", arguments: 1...20 as ClosedRange<UInt64>)
    func wakes(_ seed: UInt64) {
        var run = History.Run()
        for step in History(seed: seed, count: 300).steps {
            run.play(step)
            guard let wake = run.desk.nextWake else { continue }
            #expect(wake > run.now.monotonic)
            var early = run
            early.changes = []
            early.play(.wait(wake - run.now.monotonic - .nanoseconds(1)))
            #expect(early.changes.isEmpty)
        }
    }

    @Test("a history of every sort reaches every state and every kind of change")
    func reaches() {
        var states: Set<AlarmState> = []
        var kinds: Set<AlarmChange.Kind> = []
        for seed in 1...20 as ClosedRange<UInt64> {
            var run = History.Run()
            for step in History(seed: seed, count: 400).steps { run.play(step) }
            states.formUnion(run.changes.compactMap(\.state))
            kinds.formUnion(run.changes.map(\.kind))
        }
        #expect(states == Set(AlarmState.allCases))
        #expect(kinds == Set(AlarmChange.Kind.allCases).subtracting([.begunAnew]))
    }
}

import Rules
import Telemetry
import Testing

@Suite("A district's watch after a restart")
struct RestartTests {
    private func story(_ positions: [Double], restarts: Set<Int>) throws -> (shown: [String], events: [Event]) {
        var round = try Round()
        let shown = positions.enumerated().map { step, metres in
            let mark = round.hears("\(metres)")
            if restarts.contains(step) { round.rehearsal.restart(from: round.rehearsal.engine.snapshot(at: round.rehearsal.now)) }
            return mark
        }
        return (shown, round.rehearsal.events)
    }

    @Test("tells the crossings as if there had been none, with how long it was away", arguments: 1...20)
    func future(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var metres = -100.0
        let positions = (0..<200).map { _ in
            metres += Double(Int.random(in: -40...40, using: &random))
            return metres
        }
        let restarts = Set((0..<50).map { _ in Int.random(in: 0..<200, using: &random) })
        let without = try story(positions, restarts: [])
        let with = try story(positions, restarts: restarts)
        #expect(with.shown == without.shown && with.events == without.events)
    }

    @Test("tells a crossing that was made meanwhile")
    func meanwhile() throws {
        var round = try Round()
        #expect(round.hears("-100 -100") == ". .")
        let snapshot = round.rehearsal.engine.snapshot(at: round.rehearsal.now)
        var late = try Round()
        late.rehearsal.restart(from: snapshot)
        #expect(late.hears("100 100") == ". L")
        var forgetful = try Round()
        #expect(forgetful.hears("100 100") == ". .")
    }
}

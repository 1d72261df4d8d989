import Testing

@testable import Water

@Suite("Whose turn it is")
struct AlternationTests {
    @Test("goes round from the lead, whoever of the others is not among them")
    func alternate() {
        #expect(Alternation.alternate.order(of: [0, 1, 2], lead: 1, use: []) == [1, 2, 0])
        #expect(Alternation.alternate.order(of: [0, 3], lead: 1, use: []) == [3, 0])
        #expect(Alternation.firstOnFirstOff.order(of: [0, 1, 2], lead: 2, use: []) == [2, 0, 1])
    }

    @Test("never changes when it is fixed")
    func fixed() { #expect(Alternation.fixed.order(of: [0, 1, 2], lead: 2, use: []) == [0, 1, 2]) }

    @Test("goes by the fewest hours or starts, and by turns where they are equal")
    func use() {
        #expect(Alternation.hours.order(of: [0, 1, 2], lead: 1, use: [2, 5, 1]) == [2, 0, 1])
        #expect(Alternation.starts.order(of: [0, 1, 2], lead: 1, use: [4, 4, 4]) == [1, 2, 0])
    }

    @Test("goes by turns where the use of one is not known")
    func unseen() { #expect(Alternation.hours.order(of: [0, 1, 2], lead: 1, use: [2, nil, 1]) == [1, 2, 0]) }
}

@Suite("Staging")
struct StagingTests {
    private static let band = Band(startAt: 2, stopAt: 1, lagAt: [3, 4], unit: "m")

    /// Plays levels and draws who runs after each, with starts at once.
    private static func play(_ staging: inout Staging, _ levels: [Double], isAvailable: [Bool], floodAt: Double? = nil) -> [String] {
        levels.map { level in
            if band.isAtStop(level) {
                _ = staging.stop()
            } else {
                _ = staging.hear(level, in: band, floodAt: floodAt)
                while let next = staging.next(isAvailable: isAvailable, use: isAvailable.map { _ in nil }) { staging.start(next) }
            }
            return staging.running.sorted().map { "\($0 + 1)" }.joined()
        }
    }

    @Test("starts a jockey pump before all others, each time, and the duty pumps take turns behind it")
    func jockey() {
        var staging = Staging(roles: [.duty, .jockey, .duty], alternation: .alternate)
        let shown = Self.play(&staging, [2, 3, 1, 2, 3, 1, 2, 4], isAvailable: [true, true, true])
        #expect(shown == ["2", "12", "", "2", "23", "", "2", "123"])
    }

    @Test("starts a standby pump in the place of one that is missing, and never besides")
    func standby() {
        var staging = Staging(roles: [.duty, .standby, .duty], alternation: .alternate)
        #expect(Self.play(&staging, [2, 3, 4, 1, 2, 1], isAvailable: [true, true, true]) == ["1", "13", "123", "", "3", ""])
        var missing = Staging(roles: [.duty, .standby, .duty], alternation: .alternate)
        #expect(Self.play(&missing, [2, 3, 1, 2], isAvailable: [true, true, false]) == ["1", "12", "", "1"])
    }

    @Test("starts the pumps of the flood at its level alone, all of them, until the stop")
    func flood() {
        var staging = Staging(roles: [.duty, .flood, .flood], alternation: .alternate)
        #expect(
            Self.play(&staging, [2, 4.4, 4.5, 3, 1.1, 1, 2, 3], isAvailable: [true, true, true], floodAt: 4.5)
                == ["1", "1", "123", "123", "123", "", "1", "1"])
        var missing = Staging(roles: [.duty, .flood, .flood], alternation: .alternate)
        #expect(Self.play(&missing, [2, 4], isAvailable: [false, true, true], floodAt: 4.5) == ["", ""])
        #expect(missing.missing == 3, "asked for are the duty pump and the two that lag behind it")
    }

    @Test("lag stop may be first-on-first-off: lets go of whoever was on longest, when the level is back where the one before it started")
    func firstOnFirstOff() {
        var staging = Staging(roles: [.duty, .duty, .duty], alternation: .firstOnFirstOff)
        let levels = [2, 3, 4, 3.1, 2.9, 2.1, 1.9, 1.5, 3, 2, 1.9, 1]
        #expect(
            Self.play(&staging, levels, isAvailable: [true, true, true])
                == ["1", "12", "123", "123", "23", "23", "3", "3", "13", "13", "1", ""])
    }

    @Test("first-on-first-off: who went off first starts last, after those that have rested longer")
    func rested() {
        var staging = Staging(roles: [.duty, .duty, .duty], alternation: .firstOnFirstOff)
        #expect(Self.play(&staging, [2, 3, 1.9, 3, 1.9, 3], isAvailable: [true, true, true]) == ["1", "12", "2", "23", "3", "13"])
    }

    @Test("keeps pumps on to the stop under every other scheme")
    func together() {
        var staging = Staging(roles: [.duty, .duty, .duty], alternation: .fixed)
        let shown = Self.play(&staging, [2, 4, 1.1, 1, 2], isAvailable: [true, true, true])
        #expect(shown == ["1", "123", "123", "", "1"])
    }
}

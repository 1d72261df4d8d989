package import Telemetry

/// What a check finds.
package enum Verdict: Sendable, Hashable {
    case holds
    /// It does not; what is so instead, in words.
    case fails(String)
    /// It cannot be told: what cannot be seen, in words.
    case unseen(String)
}

/// A question about the present, in the words of whoever asked it: `Control` knows no formulas.
package struct Check: Sendable {
    /// What `judge` looks at.
    package let points: [PointID]
    /// What holds when it holds, as a sentence without an end: `the selector stands on auto`.
    package let says: String
    /// Pure. It is handed a way to ask for the latest reading of `points`, an old one marked stale; nil was never read.
    package let judge: @Sendable ((PointID) -> Reading?) -> Verdict

    package init(points: [PointID], says: String, judge: @escaping @Sendable ((PointID) -> Reading?) -> Verdict) {
        self.points = points
        self.says = says
        self.judge = judge
    }
}

/// What forces a machine to its safe value, whoever wants otherwise.
package struct Interlock: Sendable {
    package enum Blindness: String, Sendable, CaseIterable {
        /// What cannot be seen forces the safe value too.
        case trip
        case pass
    }

    /// Holds while there is cause to trip. Its sentence names the interlock, for people and across restarts.
    package let check: Check
    /// How long the cause must last. A start does not go while there is cause, however short.
    package let delay: Duration
    /// Whether it stays until a person resets it. Blindness alone is not kept: it is over once the points are seen.
    package let isLatched: Bool
    package let whenBlind: Blindness

    package init(_ check: Check, for delay: Duration = .zero, isLatched: Bool = false, whenBlind: Blindness = .trip) {
        self.check = check
        self.delay = delay
        self.isLatched = isLatched
        self.whenBlind = whenBlind
    }
}

/// What protects a machine from everyone who commands it. Of effect where the point has a safe value: the machine is at work
/// while it is commanded, or reads, otherwise than that.
package struct Guards: Sendable {
    /// What a machine asks of the supply it shares with others.
    package struct Supply: Sendable, Hashable {
        package let feeder: String
        /// In the feeder's measure: kW, or 1 for a machine.
        package let load: Double
        /// Among those of one priority that wait, the lowest starts first.
        package let rank: Int

        package init(feeder: String, load: Double = 1, rank: Int = 0) {
            self.feeder = feeder
            self.load = load
            self.rank = rank
        }
    }

    /// How long it runs at least before an automatic stop. Other stops do not wait.
    package var minimumOn: Duration?
    /// How long it rests before any start.
    package var minimumOff: Duration?
    /// In any 60 min.
    package var startsPerHour: Int?
    /// Then it is stopped, and starts again only once whoever wanted it has let go.
    package var longestRun: Duration?
    /// The switch at the machine that lets it be commanded from afar: asked before all others.
    package var selector: Check?
    /// What must hold for a start, in the order in which people are told. They do not stop a machine at work.
    package var permissives: [Check] = []
    package var interlocks: [Interlock] = []
    package var supply: Supply?
    /// How a time of day is told to people.
    package var clock: @Sendable (Timestamp) -> String = { String($0.description.dropFirst(11).prefix(8)) + "Z" }

    package init() {}

    var isEmpty: Bool {
        minimumOn == nil && minimumOff == nil && startsPerHour == nil && longestRun == nil && selector == nil && permissives.isEmpty
            && interlocks.isEmpty && supply == nil
    }

    /// Everything a verdict may depend on.
    var points: Set<PointID> { Set(([selector].compactMap { $0 } + permissives + interlocks.map(\.check)).flatMap(\.points)) }
}

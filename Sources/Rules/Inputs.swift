package import Telemetry

/// A point under the name a rule gives it.
package struct Input: Sendable {
    /// For sentences; of one among several under one name, with its place: `levels[2]`.
    package let name: String
    package let point: PointID
    package let maximumAge: Duration
    /// What else is known of the point is looked up there: ten thousand rules need not each keep it.
    private let directory: Directory

    package init(name: String, point: PointID, in directory: Directory) {
        self.name = name
        self.point = point
        self.directory = directory
        maximumAge = directory[point].maximumAge
    }

    /// The point's full name.
    package var title: String { directory[point].name.description }
    package var type: ValueType { directory[point].type }
    package var unit: String { directory[point].unit }
    var range: ClosedRange<Double>? { directory[point].range }
}

/// What a rule, or a part of one, looks at. It sees clearly only if every input is good.
package struct Inputs: Sendable {
    /// One name of an expression, and the inputs it stands for.
    package struct Group: Sendable {
        package let name: String
        /// Into `all`.
        package let range: Range<Int>
        /// Whether the name stands for a list: it was given a pattern.
        package let isList: Bool
    }

    package let all: [Input]
    package let groups: [Group]

    package init(_ groups: [(name: String, isList: Bool, inputs: [Input])]) {
        // Exactly as many as there are: ten thousand rules keep them.
        var all: [Input] = []
        all.reserveCapacity(groups.reduce(0) { $0 + $1.inputs.count })
        for group in groups { all += group.inputs }
        self.all = all
        var start = 0
        self.groups = groups.map { group in
            defer { start += group.inputs.count }
            return Group(name: group.name, range: start..<start + group.inputs.count, isList: group.isList)
        }
    }

    package static let none = Inputs([])

    package var points: [PointID] { all.map(\.point) }

    package func group(named name: String) -> Group? { groups.first { $0.name == name } }

    package func read(_ view: View, at now: Monotonic) -> Sight {
        var values = Values(inputs: self)
        if let shortfall = read(view, at: now, into: &values) { return .dim(shortfall) }
        return .clear(values)
    }

    /// The same into values that were made for these inputs, whose memory is used again.
    /// - Returns: what is in the way; the values are then of no use.
    package func read(_ view: View, at now: Monotonic, into values: inout Values) -> Shortfall? {
        var freshUntil = Monotonic(nanoseconds: .max)
        for index in all.indices {
            guard let state = view.state(all[index].point) else { return Shortfall(neverRead: all[index]) }
            guard case .good(let value) = state.reading else { return Shortfall(all[index], state.reading) }
            values.set(value, at: index)
            // A reading exactly as old as it may be is still good: it is stale one tick of the clock later.
            freshUntil = min(freshUntil, now + (all[index].maximumAge - state.age) + .nanoseconds(1))
        }
        values.freshUntil = all.isEmpty ? nil : freshUntil
        return nil
    }
}

extension Inputs {
    /// What several readings are together.
    package struct Blend: Sendable {
        /// The worst among them, and its cause.
        package var quality = Quality.good
        package var cause: Cause?
        /// Whether one of them is older than it may be.
        package var isStale = false
        /// Of the newest.
        package var time = Timestamp(milliseconds: .min)
        package var age: Duration = .nanoseconds(Int64.max)
    }

    /// Reads what is good and what is uncertain alike.
    /// - Returns: nil if one of them was never read. Where one is bad, the values are of no use.
    package func blend(_ view: View, at now: Monotonic, into values: inout Values) -> Blend? {
        var blend = Blend()
        var freshUntil: Monotonic?
        for index in all.indices {
            guard let state = view.state(all[index].point) else { return nil }
            if let value = state.reading.value { values.set(value, at: index) }
            if state.reading.quality.rank > blend.quality.rank {
                (blend.quality, blend.cause) = (state.reading.quality, state.reading.cause)
            }
            if state.reading.cause == .stale { blend.isStale = true }
            blend.time = max(blend.time, state.time)
            blend.age = min(blend.age, state.age)
            guard state.reading.isGood else { continue }
            let end = now + (all[index].maximumAge - state.age) + .nanoseconds(1)
            freshUntil = freshUntil.map { min($0, end) } ?? end
        }
        values.freshUntil = freshUntil
        return all.isEmpty ? nil : blend
    }
}

extension Quality {
    fileprivate var rank: Int {
        switch self {
        case .good: 0
        case .uncertain: 1
        case .bad: 2
        }
    }
}

package enum Sight: Sendable {
    case clear(Values)
    case dim(Shortfall)
}

/// Good values of all inputs at one moment.
package struct Values: Sendable {
    /// Beyond this many, a sentence counts the rest.
    private static let mostShown = 12

    private let inputs: Inputs
    package private(set) var values: [Value]
    /// The first instant at which one of them will be stale unless it is read again.
    package fileprivate(set) var freshUntil: Monotonic?

    package init(inputs: Inputs) {
        self.inputs = inputs
        values = Array(repeating: .bool(false), count: inputs.all.count)
    }

    fileprivate mutating func set(_ value: Value, at index: Int) { values[index] = value }

    /// The value of an input that stands for one point.
    package subscript(name: String) -> Value? {
        guard let group = inputs.group(named: name), !group.isList else { return nil }
        return values[group.range.lowerBound]
    }

    /// `shallow 18.2 %, deep 22.1 %, rain 0 mm/h`.
    package var words: String {
        let shown = zip(inputs.all, values).prefix(Self.mostShown).map { "\($0.name) \(Wording.of($1, unit: $0.unit))" }
        let rest = values.count - shown.count
        return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}

/// Why a rule cannot judge.
package struct Shortfall: Error, Hashable, Sendable {
    /// The input's point by its full name, or the rule's own condition.
    package let subject: String
    /// `is bad (comm-failure)`.
    package let words: String
    /// How long a reading may be missing at the start before anyone is told; zero where there was one.
    package let grace: Duration
    /// Whether the rule itself is at fault, and not what it reads.
    package let isOwn: Bool

    package var sentence: String { "\(subject) \(words)" }

    private init(_ subject: String, _ words: String, grace: Duration = .zero, isOwn: Bool = false) {
        self.subject = subject
        self.words = words
        self.grace = grace
        self.isOwn = isOwn
    }

    init(neverRead input: Input) {
        self.init(input.title, "was never read", grace: max(input.maximumAge, .seconds(10)))
    }

    init(_ input: Input, _ reading: Reading) {
        let cause = reading.cause.map { " (\($0.rawValue))" } ?? ""
        self.init(input.title, "is \(reading.quality.rawValue)\(cause)")
    }

    /// A formula that could not be computed from values that were all good.
    package init(formula: String, failed reason: String) {
        self.init(formula, "cannot be judged: \(reason)", isOwn: true)
    }

    /// The calendar cannot be asked while the wall clock is not believed.
    static let clock = Shortfall("the clock", "is not to be trusted, and the rule asks for the time of day")
}

package import Telemetry

/// A point under the name a rule gives it.
package struct Input: Sendable {
    package let name: String
    package let point: PointID
    /// The point's full name.
    package let title: String
    package let unit: String
    package let maximumAge: Duration

    package init(name: String, point: PointID, in directory: Directory) {
        let described = directory[point]
        self.name = name
        self.point = point
        title = described.name.description
        unit = described.unit
        maximumAge = described.maximumAge
    }
}

/// What a rule, or a part of one, looks at. It sees clearly only if every input is good.
package struct Inputs: Sendable {
    package let all: [Input]

    package init(_ all: [Input]) { self.all = all }

    package var points: [PointID] { all.map(\.point) }

    package func read(_ view: View, at now: Monotonic) -> Sight {
        var values: [Value] = []
        values.reserveCapacity(all.count)
        var freshUntil: Monotonic?
        for input in all {
            guard let state = view.state(input.point) else { return .dim(Shortfall(neverRead: input)) }
            guard case .good(let value) = state.reading else { return .dim(Shortfall(input, state)) }
            values.append(value)
            // A reading exactly as old as it may be is still good: it is stale one tick of the clock later.
            let end = now + (input.maximumAge - state.age) + .nanoseconds(1)
            freshUntil = freshUntil.map { min($0, end) } ?? end
        }
        return .clear(Values(inputs: all, values: values, freshUntil: freshUntil))
    }
}

package enum Sight: Sendable {
    case clear(Values)
    case dim(Shortfall)
}

/// Good values of all inputs at one moment.
package struct Values: Sendable {
    private let inputs: [Input]
    package let values: [Value]
    /// The first instant at which one of them will be stale unless it is read again.
    package let freshUntil: Monotonic?

    init(inputs: [Input], values: [Value], freshUntil: Monotonic?) {
        self.inputs = inputs
        self.values = values
        self.freshUntil = freshUntil
    }

    package subscript(name: String) -> Value? {
        for index in inputs.indices where inputs[index].name == name { return values[index] }
        return nil
    }

    /// `shallow 18.2 %, deep 22.1 %, rain 0 mm/h`.
    package var words: String {
        zip(inputs, values).map { "\($0.name) \(Wording.of($1, unit: $0.unit))" }.joined(separator: ", ")
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

    package var sentence: String { "\(subject) \(words)" }

    init(neverRead input: Input) {
        subject = input.title
        words = "was never read"
        grace = max(input.maximumAge, .seconds(10))
    }

    init(_ input: Input, _ state: PointTable.State) {
        subject = input.title
        let cause = state.reading.cause.map { " (\($0.rawValue))" } ?? ""
        words = "is \(state.reading.quality.rawValue)\(cause)"
        grace = .zero
    }

    /// A condition that could not be computed from values that were all good.
    package init(condition: String, failed reason: String) {
        subject = condition
        words = "cannot be judged: \(reason)"
        grace = .zero
    }
}

import Telemetry

/// The least, the greatest and the sum of some numbers: the good and finite ones of a stretch. A truth value counts as 0 or 1,
/// so that its mean is a duty; an infinity or a NaN, good as it may call itself, is left out.
package struct Statistics: Hashable, Sendable {
    /// At least 1.
    package private(set) var count: Int
    package private(set) var min: Double
    package private(set) var max: Double
    /// Added up in stored order, so rounded as the order has it; infinite if the numbers are beyond all measure.
    package private(set) var sum: Double

    init(count: Int, min: Double, max: Double, sum: Double) {
        self.count = count
        self.min = min
        self.max = max
        self.sum = sum
    }

    package var mean: Double { sum / Double(count) }

    /// Of both. The sum may round otherwise than that of another order.
    func merged(with other: Statistics) -> Statistics {
        Statistics(
            count: count + other.count, min: Swift.min(min, other.min), max: Swift.max(max, other.max), sum: sum + other.sum)
    }

    static func merged(_ a: Statistics?, _ b: Statistics?) -> Statistics? {
        guard let a, let b else { return a ?? b }
        return a.merged(with: b)
    }
}

extension Statistics {
    /// Of all good samples; nil if none is a number.
    init?(of columns: Columns) {
        var all: Statistics?
        for part in columns.parts where part.mark.quality == .good {
            all = Self.merged(all, Self(of: columns, part.mark.kind, part.values))
        }
        guard let all else { return nil }
        self = all
    }

    /// Of a part of one kind's column.
    init?(of columns: Columns, _ kind: Mark.Kind, _ values: Range<Int>) {
        switch kind {
        case .none, .string: return nil
        case .bool: self.init(values.lazy.map { columns.bools[$0] ? 1 : 0 })
        case .int: self.init(values.lazy.map { Double(columns.ints[$0]) })
        case .uint: self.init(values.lazy.map { Double(columns.uints[$0]) })
        case .double: self.init(values.lazy.map { columns.doubles[$0] })
        }
    }

    private init?(_ numbers: some Sequence<Double>) {
        var (count, least, greatest, sum) = (0, Double.infinity, -Double.infinity, 0.0)
        for number in numbers where number.isFinite {
            count += 1
            least = number < least ? number : least
            greatest = number > greatest ? number : greatest
            sum += number
        }
        guard count > 0 else { return nil }
        self.init(count: count, min: least, max: greatest, sum: sum)
    }
}

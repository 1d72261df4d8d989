package import Telemetry

/// How long the rows of a table are: `30s`, `10m`, `1h`, `1d`. Whole minutes and hours, so that rollups fit into them.
///
/// Rows begin on the grid of UTC that has a row at 1970-01-01T00:00:00Z; days begin at midnight where the reader is, and are as
/// long as the clocks there make them.
package struct Step: Hashable, Sendable, CustomStringConvertible {
    package static let rule = "whole seconds (30s), minutes (10m), hours (1h) or days (1d), up to 366d"

    private enum Unit: Int64 {
        case seconds = 1000
        case minutes = 60_000
        case hours = 3_600_000
        case days = 86_400_000
    }

    private let count: Int64
    private let unit: Unit

    /// Nil for what is no such span: `90s` is neither seconds nor minutes, `1.5h` no whole hours.
    package init?(_ text: String) {
        let units: [Character: Unit] = ["s": .seconds, "m": .minutes, "h": .hours, "d": .days]
        guard let letter = text.last, let unit = units[letter], text.utf8.count <= 6, let count = Int64(text.dropLast()), count > 0
        else { return nil }
        // The largest unit that it is a whole number of, so that 60m and 1h are the same.
        let length = count * unit.rawValue
        let larger: [Unit] = [.days, .hours, .minutes, .seconds]
        guard let fitting = larger.first(where: { length >= $0.rawValue }), length.isMultiple(of: fitting.rawValue),
            length <= 366 * Unit.days.rawValue
        else { return nil }
        self.unit = fitting
        self.count = length / fitting.rawValue
    }

    /// A day's, where clocks do not change.
    package var milliseconds: Int64 { count * unit.rawValue }

    package var description: String {
        switch unit {
        case .seconds: "\(count)s"
        case .minutes: "\(count)m"
        case .hours: "\(count)h"
        case .days: "\(count)d"
        }
    }

    /// Where the rows of a span begin, and where the last one ends: the first is at or before the span's beginning, the last at or
    /// after its end.
    ///
    /// - Parameters:
    ///   - from: the span's first moment. `to`: the one after its last, later than `from`.
    ///   - offset: how far local clocks are ahead of UTC at a moment, in milliseconds; matters to days alone.
    package func edges(
        from: Timestamp, to: Timestamp, limit: Int, offset: (Timestamp) -> Int64
    ) throws(Aggregation.TooManyBuckets) -> [Int64] {
        let (from, to) = (from.milliseconds, to.milliseconds)
        precondition(from < to, "rows of a span that ends before it begins")
        let wanted = UInt64(bitPattern: to &- from) / UInt64(milliseconds)
        guard wanted <= UInt64(max(limit, 0)), Self.calendar.contains(from), Self.calendar.contains(to) else {
            throw Aggregation.TooManyBuckets(wanted: max(wanted, 1), limit: limit)
        }
        var edges: [Int64] = []
        if unit == .days {
            var day = Self.floored(from + offset(Timestamp(milliseconds: from)), by: Unit.days.rawValue)
            day = Self.floored(day, by: count) * count
            repeat {
                edges.append(Self.beginning(ofDay: day, offset))
                day += count
            } while edges[edges.count - 1] < to
        } else {
            edges.append(Self.floored(from, by: milliseconds) * milliseconds)
            repeat { edges.append(edges[edges.count - 1] + milliseconds) } while edges[edges.count - 1] < to
        }
        guard edges.count - 1 <= limit else { throw Aggregation.TooManyBuckets(wanted: UInt64(edges.count - 1), limit: limit) }
        return edges
    }

    /// The years 1 to 9999: beyond them no step has to be added up.
    private static let calendar = -62_135_596_800_000...253_402_300_799_999 as ClosedRange<Int64>

    /// The first moment whose local day is this one. Where clocks are put forward at midnight the day begins at one.
    private static func beginning(ofDay day: Int64, _ offset: (Timestamp) -> Int64) -> Int64 {
        let midnight = day * Unit.days.rawValue
        let before = midnight - offset(Timestamp(milliseconds: midnight - Unit.days.rawValue))
        let after = midnight - offset(Timestamp(milliseconds: midnight + Unit.days.rawValue))
        return [before, after].sorted().first { $0 + offset(Timestamp(milliseconds: $0)) >= midnight } ?? max(before, after)
    }

    private static func floored(_ number: Int64, by divisor: Int64) -> Int64 {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// A duration of CEL: a whole number of nanoseconds in 64 bits, some 292 years either way (cel-spec, "Overflow").
package struct Span: Hashable, Sendable, Comparable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// nil where 64 bits of nanoseconds do not reach.
    package init?(seconds: Int64, nanoseconds: Int64 = 0) {
        let all = Int128(seconds) * 1_000_000_000 + Int128(nanoseconds)
        guard let exact = Int64(exactly: all) else { return nil }
        self.nanoseconds = exact
    }

    package static func < (a: Span, b: Span) -> Bool { a.nanoseconds < b.nanoseconds }

    func adding(_ other: Span) -> Span? { Self.exactly(nanoseconds.addingReportingOverflow(other.nanoseconds)) }
    func subtracting(_ other: Span) -> Span? { Self.exactly(nanoseconds.subtractingReportingOverflow(other.nanoseconds)) }
    var negated: Span? { Self.exactly((0 as Int64).subtractingReportingOverflow(nanoseconds)) }

    private static func exactly(_ result: (partialValue: Int64, overflow: Bool)) -> Span? {
        result.overflow ? nil : Span(nanoseconds: result.partialValue)
    }
}

extension Span: CustomStringConvertible {
    /// Seconds with as short a fraction as goes: `60.001s`, `-0.5s`.
    package var description: String {
        let magnitude = nanoseconds.magnitude
        let fraction = Timestamp.fraction(Int64(magnitude % 1_000_000_000))
        return "\(nanoseconds < 0 ? "-" : "")\(magnitude / 1_000_000_000)\(fraction)s"
    }
}

extension Span {
    /// Nanoseconds a unit has, the longer names first so that `ms` is not read as `m`.
    private static let units: [(name: String, nanoseconds: Int128)] = [
        ("ms", 1_000_000), ("us", 1000), ("µs", 1000), ("μs", 1000), ("ns", 1), ("h", 3_600_000_000_000),
        ("m", 60_000_000_000), ("s", 1_000_000_000),
    ]

    /// Reads `1h30m`, `-1.5h`, `0`, `1h34us`: signed decimal numbers with units (cel-spec, "duration"). A fraction finer
    /// than a nanosecond is cut.
    package init?(parsing text: String) {
        var rest = text.unicodeScalars[...]
        var isNegative = false
        if let sign = rest.first, sign == "-" || sign == "+" {
            isNegative = sign == "-"
            rest = rest.dropFirst()
        }
        if rest.elementsEqual("0".unicodeScalars) {
            self.init(nanoseconds: 0)
            return
        }
        guard !rest.isEmpty else { return nil }
        var total: Int128 = 0
        while !rest.isEmpty {
            guard let part = Self.part(&rest) else { return nil }
            total += part
            guard total <= Int128(Int64.max) + 1 else { return nil }
        }
        guard let exact = Int64(exactly: isNegative ? -total : total) else { return nil }
        self.init(nanoseconds: exact)
    }

    private static func part(_ rest: inout Substring.UnicodeScalarView) -> Int128? {
        let whole = rest.prefix(while: \.isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction: Substring.UnicodeScalarView = ""[...].unicodeScalars
        if rest.first == "." {
            rest = rest.dropFirst()
            fraction = rest.prefix(while: \.isDigit)
            rest = rest.dropFirst(fraction.count)
        }
        guard whole.count + fraction.count > 0, whole.count <= 19 else { return nil }
        guard let unit = units.first(where: { rest.starts(with: $0.name.unicodeScalars) }) else { return nil }
        rest = rest.dropFirst(unit.name.unicodeScalars.count)
        guard let number = whole.isEmpty ? 0 : Int128(String(whole)) else { return nil }
        // An hour has 3.6e12 ns: fifteen digits of a fraction say all that can be said of it.
        let digits = fraction.prefix(15)
        let scale = (0..<digits.count).reduce(into: Int128(1)) { scale, _ in scale *= 10 }
        let part = digits.isEmpty ? 0 : (Int128(String(digits)) ?? 0) * unit.nanoseconds / scale
        return number * unit.nanoseconds + part
    }
}

/// How whole numbers become doubles that were decimals before: divided by a power of ten, as printed numbers are; multiplied by
/// a scale, as registers are; or divided and rounded to a float, as 32-bit devices send them. The same decimal differs in its
/// last bits from one to the next, and every bit has to come back.
struct DecimalForm: Hashable {
    enum Kind: UInt8 { case divided, multiplied, float }

    let kind: Kind
    /// The exponent of ten for `divided` and `float`; the place in `scales` for `multiplied`.
    let place: UInt8
    private let factor: Double

    /// Exact up to the 22nd.
    private static let powers: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14]

    /// What profiles scale registers by. Places on disk: only add.
    private static let scales: [Double] = [
        0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 0.5, 0.05, 0.005, 0.2, 0.02, 0.002, 0.25, 0.025, 0.0025, 0.125, 0.0625,
    ]

    /// In the order they are tried: of equals, the one with the smaller numbers.
    static let all: [DecimalForm] =
        powers.indices.compactMap { DecimalForm(kind: 0, place: UInt8($0)) }
        + scales.indices.compactMap { DecimalForm(kind: 1, place: UInt8($0)) }
        + powers.indices.prefix(9).compactMap { DecimalForm(kind: 2, place: UInt8($0)) }

    /// Nil if there is no such form.
    init?(kind: UInt8, place: UInt8) {
        guard let kind = Kind(rawValue: kind) else { return nil }
        let table = kind == .multiplied ? Self.scales : Self.powers
        guard place < table.count else { return nil }
        self.kind = kind
        self.place = place
        factor = table[Int(place)]
    }

    /// The double of a whole number. Numbers beyond 2⁵³ are rounded, never refused.
    @inline(__always)
    func value(of mantissa: Int64) -> Double {
        switch kind {
        case .divided: Double(mantissa) / factor
        case .multiplied: Double(mantissa) * factor
        case .float: Double(Float(Double(mantissa) / factor))
        }
    }

    /// The whole number that gives exactly this double; nil if there is none within 2⁵².
    @inline(__always)
    func mantissa(of value: Double) -> Int64? {
        let scaled = (kind == .multiplied ? value / factor : value * factor).rounded()
        // Also false for NaN and the infinities.
        guard scaled.magnitude < 0x1p52 else { return nil }
        let mantissa = Int64(scaled)
        // By the bits, since minus zero has no whole number.
        return self.value(of: mantissa).bitPattern == value.bitPattern ? mantissa : nil
    }

    /// The doubles of a column, with the question of the kind asked once.
    func values(of mantissas: [Int64]) -> [Double] {
        switch kind {
        case .divided: mantissas.map { Double($0) / factor }
        case .multiplied: mantissas.map { Double($0) * factor }
        case .float: mantissas.map { Double(Float(Double($0) / factor)) }
        }
    }

    /// The form that suits most of some values taken evenly from a column; nil if none suits seven of eight.
    static func best(for values: [Double]) -> DecimalForm? {
        let step = max(values.count / 32, 1)
        let probe = stride(from: step / 2, to: values.count, by: step).map { values[$0] }.filter(\.isFinite)
        guard !probe.isEmpty else { return nil }
        var best: DecimalForm?
        var fewest = probe.count / 8 + 1
        for form in all {
            var misses = 0
            for value in probe where form.mantissa(of: value) == nil {
                misses += 1
                if misses >= fewest { break }
            }
            guard misses < fewest else { continue }
            (best, fewest) = (form, misses)
            if misses == 0 { return form }
        }
        return best
    }
}

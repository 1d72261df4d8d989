package import Telemetry

/// How rules write values and spans in a sentence.
package enum Wording {
    /// `2.41 m`, `true`, `42`.
    package static func of(_ value: Value, unit: String) -> String {
        let text =
            switch value {
            case .bool(let value): "\(value)"
            case .int(let value): "\(value)"
            case .uint(let value): "\(value)"
            case .double(let value): of(value)
            case .string(let value): "'\(value.prefix(80))'"
            }
        return unit.isEmpty ? text : "\(text) \(unit)"
    }

    /// To the thousandth, without trailing zeros.
    package static func of(_ number: Double) -> String { of(number, places: 1000) }

    /// - Parameter places: the power of ten to round to: 1000 for thousandths.
    package static func of(_ number: Double, places: Double) -> String {
        let rounded = number.magnitude < 1e9 ? (number * places).rounded() / places : number
        guard let whole = Int64(exactly: rounded) else { return "\(rounded)" }
        return "\(whole)"
    }

    /// `250 ms`, `45 s`, `20 min`, `1 h 30 min`, `2 d 3 h`: at most two units.
    package static func of(_ span: Duration) -> String {
        let milliseconds = max(0, span.wholeMilliseconds)
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        let units: [(String, Int64)] = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000)]
        var rest = milliseconds
        var parts: [String] = []
        for (unit, size) in units where parts.count < 2 {
            let count = rest / size
            rest %= size
            if count > 0 {
                parts.append("\(count) \(unit)")
            } else if !parts.isEmpty {
                break
            }
        }
        return parts.joined(separator: " ")
    }
}

import Telemetry

extension Value {
    /// As it is, without decoration: numbers in the fewest digits that read back the same.
    var plain: String {
        switch self {
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .uint(let value): "\(value)"
        case .double(let value): value.plain
        case .string(let value): value
        }
    }

    /// As JSON writes it.
    var json: String {
        switch self {
        case .string(let text): text.json
        case .double(let number) where !number.isFinite: "null"
        default: plain
        }
    }
}

extension Double {
    /// Whole numbers without `.0`.
    var plain: String {
        let text = "\(self)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

extension String {
    /// RFC 8259, §7.
    var json: String {
        var text = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"", "\\":
                text.unicodeScalars.append("\\")
                text.unicodeScalars.append(scalar)
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\0"..<" ", "\u{7F}": text += "\\u" + UInt16(scalar.value).hex
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(width - count, 0)) + self }
    func rightPadded(to width: Int) -> String { self + String(repeating: " ", count: max(width - count, 0)) }
}

extension UInt16 {
    /// Four digits.
    var hex: String {
        let digits = String(self, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}

extension Duration {
    /// As profiles write it, in the largest unit of which it is a whole number: `90s`, `2h`, `250ms`.
    var profileText: String {
        let milliseconds = wholeMilliseconds
        let units: [(Int64, String)] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")]
        for (length, unit) in units where milliseconds != 0 && milliseconds.isMultiple(of: length) {
            return "\(milliseconds / length)\(unit)"
        }
        return "\(milliseconds)ms"
    }
}

/// The encoders extension (cel-go `ext.Encoders`): Base64 of RFC 4648, section 4.
extension Function {
    static let encodings: [Function] = [
        Function.one("base64.encode", [Signature([.bytes], .string)]) { value, _ in
            guard case .bytes(let bytes) = value else { return nil }
            return .string(Base64.text(of: bytes))
        },
        Function.one("base64.decode", [Signature([.string], .bytes)]) { value, _ throws(EvaluationError) in
            guard case .string(let text) = value else { return nil }
            guard let bytes = Base64.bytes(of: text) else { throw .notConvertible(value.text, to: "bytes: not Base64") }
            return .bytes(bytes)
        },
    ]
}

private enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(of bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = (0..<3).reduce(UInt32(0)) { $0 << 8 | UInt32($1 < group.count ? group[start + $1] : 0) }
            for place in 0..<4 {
                text.append(place <= group.count ? letters[Int(bits >> (18 - 6 * UInt32(place)) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// nil for what is not Base64. The padding may be missing.
    static func bytes(of text: String) -> [UInt8]? {
        var digits = Array(text.utf8)
        if digits.count % 4 == 0 {
            for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
        }
        guard digits.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var held: UInt32 = 0
        for digit in digits {
            guard let value = letters.firstIndex(of: digit) else { return nil }
            bits = bits << 6 | UInt32(value)
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> held))
            bits &= (1 << held) - 1
        }
        return bytes
    }
}

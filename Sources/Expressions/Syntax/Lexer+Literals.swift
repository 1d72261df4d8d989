extension Lexer {
    /// How a string literal begins: `r'`, `b"""`…
    struct StringPrefix {
        let isRaw: Bool
        let isBytes: Bool
        /// Letters before the quote.
        let length: Int
    }

    func stringPrefix() -> StringPrefix? {
        var isRaw = false
        var isBytes = false
        var length = 0
        while let scalar = peek(length) {
            switch scalar {
            case "'", "\"": return StringPrefix(isRaw: isRaw, isBytes: isBytes, length: length)
            case "r", "R":
                if isRaw { return nil }
                isRaw = true
            case "b", "B":
                if isBytes { return nil }
                isBytes = true
            default: return nil
            }
            length += 1
        }
        return nil
    }

    mutating func string(_ prefix: StringPrefix) throws(ExpressionError) -> CELValue {
        let start = offset
        skip(prefix.length)
        let quote = peek() ?? "'"
        let isTriple = peek(1) == quote && peek(2) == quote
        skip(isTriple ? 3 : 1)
        var scalars = String.UnicodeScalarView()
        var bytes: [UInt8] = []
        while true {
            guard let scalar = peek(), isTriple || (scalar != "\n" && scalar != "\r") else {
                throw error("this \(prefix.isBytes ? "bytes literal" : "string") is not closed", at: start)
            }
            if scalar == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
                skip(isTriple ? 3 : 1)
                return prefix.isBytes ? .bytes(bytes) : .string(String(scalars))
            }
            if scalar == "\\", !prefix.isRaw {
                switch try escape(inBytes: prefix.isBytes) {
                case .scalar(let scalar): scalars.append(scalar)
                case .byte(let byte): bytes.append(byte)
                }
            } else {
                skip(1)
                if prefix.isBytes { bytes.append(contentsOf: String(scalar).utf8) } else { scalars.append(scalar) }
            }
        }
    }

    private enum Escape {
        case scalar(Unicode.Scalar)
        case byte(UInt8)
    }

    private mutating func escape(inBytes: Bool) throws(ExpressionError) -> Escape {
        let start = offset
        skip(1)
        guard let letter = take() else { throw error("this string is not closed", at: start) }
        let simple: [Unicode.Scalar: UInt8] = [
            "a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, "?": 63, "\"": 34, "'": 39, "`": 96,
        ]
        if let byte = simple[letter] { return inBytes ? .byte(byte) : .scalar(Unicode.Scalar(byte)) }
        let code: UInt32?
        switch letter {
        case "x", "X": code = digits(2, radix: 16)
        case "u" where !inBytes: code = digits(4, radix: 16)
        case "U" where !inBytes: code = digits(8, radix: 16)
        case "0", "1", "2", "3":
            skip(-1)
            code = digits(3, radix: 8)
        default: throw error("'\\\(letter)' is not an escape; a backslash is written '\\\\'", at: start)
        }
        if inBytes, let code, let byte = UInt8(exactly: code) { return .byte(byte) }
        guard !inBytes, let code, let scalar = Unicode.Scalar(code) else {
            throw error("this escape does not name a character", at: start)
        }
        return .scalar(scalar)
    }

    /// Exactly so many digits, as their number.
    private mutating func digits(_ count: Int, radix: Int) -> UInt32? {
        var digits = ""
        while digits.count < count, let scalar = peek(), scalar.isHexDigit {
            digits.unicodeScalars.append(scalar)
            skip(1)
        }
        return digits.count == count ? UInt32(digits, radix: radix) : nil
    }

    mutating func number() throws(ExpressionError) -> Token.Kind {
        let start = offset
        if peek() == "0", peek(1) == "x" || peek(1) == "X" {
            skip(2)
            return try integer(takeWhile(\.isHexDigit), radix: 16, from: start)
        }
        var digits = takeWhile(\.isDigit)
        var isDouble = false
        if peek() == ".", peek(1)?.isDigit == true {
            skip(1)
            digits += "." + takeWhile(\.isDigit)
            isDouble = true
        }
        if peek() == "e" || peek() == "E" {
            skip(1)
            digits += "e"
            if let sign = peek(), sign == "+" || sign == "-" {
                skip(1)
                digits.unicodeScalars.append(sign)
            }
            let exponent = takeWhile(\.isDigit)
            guard !exponent.isEmpty else { throw error("the exponent of this number has no digits", at: start) }
            digits += exponent
            isDouble = true
        }
        guard isDouble else { return try integer(digits, radix: 10, from: start) }
        try endOfNumber(from: start)
        guard let value = Double(digits.hasPrefix(".") ? "0" + digits : digits), value.isFinite else {
            throw error("this number is beyond what a double holds", at: start)
        }
        return .literal(.double(value))
    }

    private mutating func integer(_ digits: String, radix: Int, from start: Int) throws(ExpressionError) -> Token.Kind {
        guard !digits.isEmpty else { throw error("a number has no digits", at: start) }
        guard let value = UInt64(digits, radix: radix) else { throw error("this number does not fit in 64 bits", at: start) }
        let isUnsigned = peek() == "u" || peek() == "U"
        if isUnsigned { skip(1) }
        try endOfNumber(from: start)
        return isUnsigned ? .literal(.uint(value)) : .integer(value)
    }

    private func endOfNumber(from start: Int) throws(ExpressionError) {
        guard let next = peek(), next.isNameStart || next.isDigit else { return }
        throw error("a number runs into '\(next)'; units are not written in expressions", at: start)
    }
}

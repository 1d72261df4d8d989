/// Reads a singular query of RFC 9535.
struct JSONPathParser {
    private let text: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) { self.text = Array(text.unicodeScalars) }

    mutating func segments() throws(JSONPathError) -> [JSONPath.Segment] {
        guard take("$") else { throw error("it begins with '$', the whole message") }
        var segments: [JSONPath.Segment] = []
        while position < text.count {
            skipSpace()
            if take(".") {
                segments.append(.name(try shorthand()))
            } else if take("[") {
                segments.append(try bracketed())
            } else {
                throw error("'.' or '[' should be here")
            }
        }
        return segments
    }

    /// Whether a name can be written after a dot.
    static func isShorthand(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, isFirst(first) else { return false }
        return name.unicodeScalars.allSatisfy(isWithin)
    }

    private var next: Unicode.Scalar? { position < text.count ? text[position] : nil }

    private func error(_ message: String) -> JSONPathError { JSONPathError(message, at: position) }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { [" ", "\t", "\n", "\r"].contains(scalar) }

    private mutating func skipSpace() {
        while let scalar = next, Self.isSpace(scalar) { position += 1 }
    }

    private static func isFirst(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_" || scalar.value >= 0x80
    }

    private static func isWithin(_ scalar: Unicode.Scalar) -> Bool { isFirst(scalar) || ("0"..."9").contains(scalar) }

    private mutating func shorthand() throws(JSONPathError) -> String {
        switch next {
        case nil: throw error("a name should follow the '.'")
        case ".": throw error("'..' finds many values, and a point is one")
        case "*": throw error("'*' finds many values, and a point is one")
        case "[": throw error("no '.' stands before '['")
        case let scalar? where !Self.isFirst(scalar): throw error("a name like this is written in brackets: ['…']")
        default: break
        }
        let start = position
        while let scalar = next, Self.isWithin(scalar) { position += 1 }
        if let scalar = next, scalar == "-" || scalar == "$" || scalar == "@" {
            throw error("a name with '\(scalar)' in it is written in brackets: ['…']")
        }
        var name = ""
        name.unicodeScalars.append(contentsOf: text[start..<position])
        return name
    }

    private mutating func bracketed() throws(JSONPathError) -> JSONPath.Segment {
        skipSpace()
        let segment: JSONPath.Segment
        switch next {
        case "'", "\"": segment = .name(try quoted())
        case let scalar? where scalar == "-" || ("0"..."9").contains(scalar): segment = .index(try index())
        case "*": throw error("'*' finds many values, and a point is one")
        case "?": throw error("a filter finds many values, and a point is one")
        case ":": throw error("a slice finds many values, and a point is one")
        default: throw error("a number or a name in quotes should be here")
        }
        skipSpace()
        switch next {
        case "]": position += 1
        case ",": throw error("',' finds many values, and a point is one")
        case ":": throw error("a slice finds many values, and a point is one")
        default: throw error("']' should be here")
        }
        return segment
    }

    /// `0`, `12`, `-1`; within what JSON numbers hold exactly.
    private mutating func index() throws(JSONPathError) -> Int {
        let start = position
        _ = take("-")
        while let scalar = next, ("0"..."9").contains(scalar) { position += 1 }
        var digits = ""
        digits.unicodeScalars.append(contentsOf: text[start..<position])
        let limit = (1 << 53) - 1
        guard let index = Int(digits), String(index) == digits, (-limit...limit).contains(index) else {
            throw JSONPathError("'\(digits)' is no index", at: start)
        }
        return index
    }

    private mutating func quoted() throws(JSONPathError) -> String {
        let start = position
        let quote = text[position]
        position += 1
        var name = ""
        while let scalar = next {
            position += 1
            switch scalar {
            case quote: return name
            case "\\": name.unicodeScalars.append(try escape(in: quote))
            case "\0"..<" ": throw JSONPathError("a control character in a name", at: position - 1)
            default: name.unicodeScalars.append(scalar)
            }
        }
        throw JSONPathError("the name has no closing quote", at: start)
    }

    private mutating func escape(in quote: Unicode.Scalar) throws(JSONPathError) -> Unicode.Scalar {
        guard let scalar = next else { throw error("the path ends within an escape") }
        position += 1
        switch scalar {
        case quote, "\\", "/": return scalar
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u": break
        default: throw JSONPathError("'\\\(scalar)' is no escape", at: position - 2)
        }
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(first), take("\\"), take("u") else { throw error("half of a surrogate pair") }
        let second = try hexadecimal()
        guard let scalar = Unicode.Scalar(lead: first, trail: second) else { throw error("half of a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONPathError) -> UInt16 {
        var code: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = next?.hexadecimalDigit else {
                throw error("four hexadecimal digits should be here")
            }
            code = code << 4 | digit
            position += 1
        }
        return code
    }
}

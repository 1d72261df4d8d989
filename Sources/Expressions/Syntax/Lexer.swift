/// Cuts the text of an expression into tokens (cel-spec, "Syntax").
struct Lexer {
    let text: [Unicode.Scalar]
    private(set) var offset = 0

    init(_ text: [Unicode.Scalar]) { self.text = text }

    static func tokens(of text: [Unicode.Scalar]) throws(ExpressionError) -> [Token] {
        var lexer = Lexer(text)
        var tokens: [Token] = []
        repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
        return tokens
    }

    func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        let index = offset + ahead
        return text.indices.contains(index) ? text[index] : nil
    }

    mutating func take() -> Unicode.Scalar? {
        defer { offset += 1 }
        return peek()
    }

    mutating func skip(_ count: Int) { offset += count }

    func error(_ message: String, at place: Int? = nil) -> ExpressionError {
        ExpressionError(message, at: place ?? offset, in: text)
    }

    func starts(with string: String) -> Bool { text[min(offset, text.count)...].starts(with: string.unicodeScalars) }

    private mutating func next() throws(ExpressionError) -> Token {
        skipBlanks()
        let start = offset
        guard let scalar = peek() else { return Token(kind: .end, offset: start) }
        if let prefix = stringPrefix() { return Token(kind: .literal(try string(prefix)), offset: start) }
        if scalar.isDigit || (scalar == "." && peek(1)?.isDigit == true) {
            return Token(kind: try number(), offset: start)
        }
        if scalar.isNameStart { return Token(kind: .name(takeWhile { $0.isNameStart || $0.isDigit }), offset: start) }
        if scalar == "`" { return Token(kind: .quotedName(try quotedName()), offset: start) }
        for symbol in ["&&", "||", "==", "!=", "<=", ">="] where starts(with: symbol) {
            skip(2)
            return Token(kind: .symbol(symbol), offset: start)
        }
        guard "+-*/%!<>?:.,()[]{}".unicodeScalars.contains(scalar) else {
            throw error(Self.hint(for: scalar))
        }
        skip(1)
        return Token(kind: .symbol(String(scalar)), offset: start)
    }

    private mutating func skipBlanks() {
        while let scalar = peek() {
            if [" ", "\t", "\n", "\r", "\u{0C}"].contains(scalar) {
                skip(1)
            } else if starts(with: "//") {
                while let scalar = peek(), scalar != "\n" { skip(1) }
            } else {
                return
            }
        }
    }

    mutating func takeWhile(_ belongs: (Unicode.Scalar) -> Bool) -> String {
        var taken = String.UnicodeScalarView()
        while let scalar = peek(), belongs(scalar) {
            taken.append(scalar)
            skip(1)
        }
        return String(taken)
    }

    private mutating func quotedName() throws(ExpressionError) -> String {
        let start = offset
        skip(1)
        let name = takeWhile { $0.isNameStart || $0.isDigit || ["-", ".", "/", " "].contains($0) }
        guard take() == "`", !name.isEmpty else { throw error("a field in backticks is not closed", at: start) }
        return name
    }

    private static func hint(for scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "=": "'=' is not an operator; to compare, write '=='"
        case "&": "'&' is not an operator; write '&&'"
        case "|": "'|' is not an operator; write '||'"
        default: "'\(scalar)' has no meaning here"
        }
    }
}

extension Unicode.Scalar {
    var isDigit: Bool { ("0"..."9").contains(self) }
    var isHexDigit: Bool { isDigit || ("a"..."f").contains(self) || ("A"..."F").contains(self) }
    var isNameStart: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) || self == "_" }
}

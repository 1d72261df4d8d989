/// Reads a regular expression of RE2's syntax (github.com/google/re2/wiki/Syntax).
///
/// Left out, with an error that says so: `\C`, and scripts in `\p{…}`.
struct PatternParser {
    struct Flags {
        /// `i`
        var ignoresCase = false
        /// `m`: `^` and `$` at every line.
        var isMultiline = false
        /// `s`: `.` takes a newline too.
        var dotTakesNewline = false
    }

    let scalars: [Unicode.Scalar]
    var position = 0
    var flags = Flags()
    /// Between `\Q` and `\E`, where no letter has a meaning.
    var isQuoting = false
    private var nesting = 0

    private static let deepest = 100
    /// RE2's own limit for one counted repetition.
    private static let mostRepetitions = 1000

    static func parse(_ text: String) throws(PatternError) -> PatternSyntax {
        var parser = PatternParser(scalars: Array(text.unicodeScalars))
        let syntax = try parser.choice()
        guard parser.position == parser.scalars.count else { throw PatternError("a ')' closes nothing") }
        return syntax
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        position + ahead < scalars.count ? scalars[position + ahead] : nil
    }

    mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == scalar else { return false }
        position += 1
        return true
    }

    mutating func take() -> Unicode.Scalar? {
        guard let scalar = peek() else { return nil }
        position += 1
        return scalar
    }

    private mutating func choice() throws(PatternError) -> PatternSyntax {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.deepest else { throw PatternError("brackets are nested more than \(Self.deepest) deep") }
        var branches = [try sequence()]
        while accept("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternError) -> PatternSyntax {
        var parts: [PatternSyntax] = []
        while let next = peek(), isQuoting || (next != "|" && next != ")") {
            guard let part = try operand() else { continue }
            parts.append(try repeated(part))
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    /// Leaves a quotation where its end stands.
    mutating func endQuotation() {
        guard peek() == "\\", peek(1) == "E" else { return }
        position += 2
        isQuoting = false
    }

    /// nil for what only sets flags, as `(?i)` does, and where a quotation begins.
    private mutating func operand() throws(PatternError) -> PatternSyntax? {
        guard let scalar = take() else { return nil }
        if isQuoting {
            endQuotation()
            return .scalar(ScalarSet(scalar, ignoresCase: flags.ignoresCase))
        }
        switch scalar {
        case "(": return try group()
        case "[": return .scalar(try bracketClass())
        case ".":
            return .scalar(ScalarSet(flags.dotTakesNewline ? [0...0x10FFFF] : [0...0x09, 0x0B...0x10FFFF]))
        case "^": return .anchor(flags.isMultiline ? .startOfLine : .startOfText)
        case "$": return .anchor(flags.isMultiline ? .endOfLine : .endOfText)
        case "*", "+", "?": throw PatternError("'\(scalar)' has nothing to repeat")
        case "\\": return try escaped()
        case "{":
            position -= 1
            if repetitionCounts() != nil { throw PatternError("a repetition has nothing to repeat") }
            position += 1
            return .scalar(ScalarSet(scalar, ignoresCase: false))
        default: return .scalar(ScalarSet(scalar, ignoresCase: flags.ignoresCase))
        }
    }

    private mutating func repeated(_ part: PatternSyntax) throws(PatternError) -> PatternSyntax {
        guard !isQuoting, let counts = repetitionCounts() else { return part }
        _ = accept("?")
        guard counts.least <= Self.mostRepetitions, counts.most ?? 0 <= Self.mostRepetitions else {
            throw PatternError("a repetition of more than \(Self.mostRepetitions) times")
        }
        if let most = counts.most, most < counts.least { throw PatternError("a repetition's limits are the wrong way round") }
        guard repetitionCounts() == nil else { throw PatternError("two repetitions in a row") }
        return .repetition(part, least: counts.least, most: counts.most)
    }

    /// `*`, `+`, `?`, `{2}`, `{2,}`, `{2,5}`, passed where there is one; a brace that begins none of these is a letter.
    private mutating func repetitionCounts() -> (least: Int, most: Int?)? {
        if accept("*") { return (0, nil) }
        if accept("+") { return (1, nil) }
        if accept("?") { return (0, 1) }
        let start = position
        if accept("{"), let least = count() {
            if accept("}") { return (least, least) }
            if accept(",") {
                if accept("}") { return (least, nil) }
                if let most = count(), accept("}") { return (least, most) }
            }
        }
        position = start
        return nil
    }

    private mutating func count() -> Int? {
        var digits = 0
        var count = 0
        while let digit = peek(), digit.isDigit {
            position += 1
            digits += 1
            count = min(count * 10 + Int(digit.value - 0x30), 1_000_000)
        }
        return digits > 0 ? count : nil
    }

    private mutating func group() throws(PatternError) -> PatternSyntax? {
        let outer = flags
        if accept("?") {
            if peek() == "P" || peek() == "<" {
                _ = accept("P")
                guard accept("<"), groupName() else { throw PatternError("a group's name is not written '(?P<name>'") }
            } else if try setFlags() {
                return nil
            }
        }
        let inner = try choice()
        guard accept(")") else { throw PatternError("a '(' is not closed") }
        flags = outer
        return inner
    }

    private mutating func groupName() -> Bool {
        let start = position
        while let scalar = peek(), scalar.isNameStart || scalar.isDigit { position += 1 }
        return position > start && accept(">")
    }

    /// The flags of `(?i)`, passed with their bracket, or of `(?i:`. True for the first.
    private mutating func setFlags() throws(PatternError) -> Bool {
        var value = true
        while let scalar = take() {
            switch scalar {
            case "i": flags.ignoresCase = value
            case "m": flags.isMultiline = value
            case "s": flags.dotTakesNewline = value
            case "U": break
            case "-" where value: value = false
            case ":": return false
            case ")": return true
            default: throw PatternError("'\(scalar)' is not a flag of a group")
            }
        }
        throw PatternError("a '(' is not closed")
    }
}

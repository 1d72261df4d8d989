extension PatternParser {
    /// What follows a backslash outside a class.
    mutating func escaped() throws(PatternError) -> PatternSyntax? {
        guard let letter = peek() else { throw PatternError("a backslash at the end") }
        position += 1
        switch letter {
        case "A": return .anchor(.startOfText)
        case "z": return .anchor(.endOfText)
        case "b": return .anchor(.wordEdge)
        case "B": return .anchor(.noWordEdge)
        case "Q":
            isQuoting = true
            endQuotation()
            return nil
        default: break
        }
        var set = ScalarSet(ignoresCase: flags.ignoresCase)
        if let item = ScalarSet.perl(letter) {
            set.insert(item)
            return .scalar(set)
        }
        if letter == "p" || letter == "P" {
            try property(isNegated: letter == "P", into: &set)
            return .scalar(set)
        }
        position -= 1
        return .scalar(ScalarSet(try escapedScalar(), ignoresCase: flags.ignoresCase))
    }

    /// One scalar behind a backslash that has been passed: `n`, `x41`, `x{1F600}`, `052`, or a sign that loses its meaning.
    private mutating func escapedScalar() throws(PatternError) -> Unicode.Scalar {
        guard let letter = take() else { throw PatternError("a backslash at the end") }
        let simple: [Unicode.Scalar: Unicode.Scalar] = ["a": "\u{07}", "f": "\u{0C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{0B}"]
        if let scalar = simple[letter] { return scalar }
        switch letter {
        case "x": return try hexadecimal()
        case "0": return octal(from: 0)
        case "1"..."7":
            // Without a second digit it would be a backreference, which no linear-time matcher has.
            guard let next = peek(), ("0"..."7").contains(next) else { throw PatternError("'\\\(letter)': there are no backreferences") }
            return octal(from: letter.value - 0x30)
        default:
            guard letter.isASCII, !letter.isNameStart || letter == "_", !letter.isDigit else {
                throw PatternError("'\\\(letter)' has no meaning")
            }
            return letter
        }
    }

    private mutating func octal(from first: UInt32) -> Unicode.Scalar {
        var value = first
        for _ in 0..<2 {
            guard let digit = peek(), ("0"..."7").contains(digit) else { break }
            value = value * 8 + digit.value - 0x30
            position += 1
        }
        return Unicode.Scalar(value) ?? "\0"
    }

    private mutating func hexadecimal() throws(PatternError) -> Unicode.Scalar {
        let isBraced = accept("{")
        var digits = String.UnicodeScalarView()
        while let digit = peek(), digit.isHexDigit, digits.count < (isBraced ? 8 : 2) {
            digits.append(digit)
            position += 1
        }
        guard isBraced ? accept("}") : digits.count == 2, let value = UInt32(String(digits), radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw PatternError("'\\x' is not followed by the number of a character") }
        return scalar
    }

    /// `L`, `{Lu}` or `{^Lu}` behind a `\p` that has been passed.
    private mutating func property(isNegated: Bool, into set: inout ScalarSet) throws(PatternError) {
        var name = ""
        if accept("{") {
            while let scalar = take(), scalar != "}" { name.unicodeScalars.append(scalar) }
            guard scalars[position - 1] == "}" else { throw PatternError("'\\p{' is not closed") }
        } else if let letter = take() {
            name.unicodeScalars.append(letter)
        }
        let isInverted = name.hasPrefix("^")
        if isInverted { name.removeFirst() }
        if name == "Any" {
            set.insert(ScalarSet.Item(.ranges([0...0x10FFFF]), isNegated: isNegated != isInverted))
            return
        }
        guard let categories = ScalarSet.categories(name) else {
            throw PatternError("the character property '\(name.prefix(32))' is not known; general categories such as \\p{Lu} are")
        }
        set.insert(ScalarSet.Item(.categories(categories), isNegated: isNegated != isInverted))
    }

    /// A class, its opening bracket passed.
    mutating func bracketClass() throws(PatternError) -> ScalarSet {
        var set = ScalarSet(ignoresCase: flags.ignoresCase)
        set.isNegated = accept("^")
        var isFirst = true
        while isFirst || peek() != "]" {
            isFirst = false
            guard let scalar = peek() else { throw PatternError("a '[' is not closed") }
            if scalar == "[", peek(1) == ":", try posixClass(into: &set) { continue }
            if scalar == "\\", let letter = peek(1) {
                if let item = ScalarSet.perl(letter) {
                    position += 2
                    set.insert(item)
                    continue
                }
                if letter == "p" || letter == "P" {
                    position += 2
                    try property(isNegated: letter == "P", into: &set)
                    continue
                }
            }
            try range(into: &set)
        }
        position += 1
        return set
    }

    private mutating func posixClass(into set: inout ScalarSet) throws(PatternError) -> Bool {
        let rest = scalars[(position + 2)...]
        guard let end = rest.firstIndex(of: ":"), end + 1 < scalars.count, scalars[end + 1] == "]" else { return false }
        var name = String.UnicodeScalarView()
        name.append(contentsOf: rest[..<end])
        let isNegated = name.first == "^"
        if isNegated { name.removeFirst() }
        guard let ranges = ScalarSet.posix(String(name)) else { throw PatternError("there is no class '[:\(String(name).prefix(32)):]'") }
        set.insert(ScalarSet.Item(.ranges(ranges), isNegated: isNegated))
        position = end + 2
        return true
    }

    private mutating func range(into set: inout ScalarSet) throws(PatternError) {
        let low = try member()
        var high = low
        if peek() == "-", let after = peek(1), after != "]" {
            position += 1
            high = try member()
        }
        guard low.value <= high.value else { throw PatternError("the range '\(low)-\(high)' runs backwards") }
        set.insert(ScalarSet.Item(.ranges([low.value...high.value])))
    }

    private mutating func member() throws(PatternError) -> Unicode.Scalar {
        guard let scalar = take() else { throw PatternError("a '[' is not closed") }
        return scalar == "\\" ? try escapedScalar() : scalar
    }
}

/// A set of Unicode scalars: what one step of a regular expression takes.
struct ScalarSet: Sendable {
    typealias Ranges = [ClosedRange<UInt32>]

    /// Ranges or general categories, or all that is outside them.
    struct Item: Sendable {
        enum Base: Sendable {
            case ranges(Ranges)
            case categories(Set<Unicode.GeneralCategory>)
        }

        private let base: Base
        private let isNegated: Bool

        init(_ base: Base, isNegated: Bool = false) {
            self.base = base
            self.isNegated = isNegated
        }

        func contains(_ scalar: Unicode.Scalar, ignoresCase: Bool) -> Bool {
            if isInBase(scalar) { return !isNegated }
            if ignoresCase, ScalarSet.variants(of: scalar).contains(where: isInBase) { return !isNegated }
            return isNegated
        }

        private func isInBase(_ scalar: Unicode.Scalar) -> Bool {
            switch base {
            case .ranges(let ranges): ranges.contains { $0.contains(scalar.value) }
            case .categories(let categories): categories.contains(scalar.properties.generalCategory)
            }
        }
    }

    private var items: [Item] = []
    private let ignoresCase: Bool
    var isNegated = false

    init(ignoresCase: Bool) { self.ignoresCase = ignoresCase }

    init(_ ranges: Ranges) {
        ignoresCase = false
        items = [Item(.ranges(ranges))]
    }

    init(_ scalar: Unicode.Scalar, ignoresCase: Bool) {
        let all = [scalar] + (ignoresCase ? Self.variants(of: scalar) : [])
        items = [Item(.ranges(all.map { $0.value...$0.value }))]
        self.ignoresCase = ignoresCase
    }

    mutating func insert(_ item: Item) { items.append(item) }

    /// Where case does not matter, a scalar is outside a class only if neither case of it is inside.
    func contains(_ scalar: Unicode.Scalar) -> Bool {
        items.contains { $0.contains(scalar, ignoresCase: ignoresCase) } != isNegated
    }

    /// The scalar in lower and in upper case, where each is one scalar.
    private static func variants(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping].compactMap { mapped in
            mapped.unicodeScalars.count == 1 ? mapped.unicodeScalars.first : nil
        }
    }
}

/// The classes with names (RE2 syntax, "Perl character classes", "ASCII character classes", "Unicode character class").
extension ScalarSet {
    static let digits: Ranges = [0x30...0x39]
    static let lower: Ranges = [0x61...0x7A]
    static let upper: Ranges = [0x41...0x5A]
    static let word: Ranges = digits + lower + upper + [0x5F...0x5F]

    /// `\d`, `\W`…; nil for another letter.
    static func perl(_ letter: Unicode.Scalar) -> Item? {
        switch letter {
        case "d", "D": Item(.ranges(digits), isNegated: letter == "D")
        case "s", "S": Item(.ranges([0x09...0x0A, 0x0C...0x0D, 0x20...0x20]), isNegated: letter == "S")
        case "w", "W": Item(.ranges(word), isNegated: letter == "W")
        default: nil
        }
    }

    /// `[:alpha:]`…; nil for another name.
    static func posix(_ name: String) -> Ranges? {
        switch name {
        case "alnum": digits + lower + upper
        case "alpha": lower + upper
        case "ascii": [0...0x7F]
        case "blank": [0x09...0x09, 0x20...0x20]
        case "cntrl": [0...0x1F, 0x7F...0x7F]
        case "digit": digits
        case "graph": [0x21...0x7E]
        case "lower": lower
        case "print": [0x20...0x7E]
        case "punct": [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]
        case "space": [0x09...0x0D, 0x20...0x20]
        case "upper": upper
        case "word": word
        case "xdigit": digits + [0x41...0x46, 0x61...0x66]
        default: nil
        }
    }

    /// `\pL`, `\p{Nd}`: the general categories of Unicode. Scripts are not known here; nil for those.
    static func categories(_ name: String) -> Set<Unicode.GeneralCategory>? {
        switch name {
        case "L": [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter]
        case "Lu": [.uppercaseLetter]
        case "Ll": [.lowercaseLetter]
        case "Lt": [.titlecaseLetter]
        case "Lm": [.modifierLetter]
        case "Lo": [.otherLetter]
        case "M": [.nonspacingMark, .spacingMark, .enclosingMark]
        case "Mn": [.nonspacingMark]
        case "Mc": [.spacingMark]
        case "Me": [.enclosingMark]
        case "N": [.decimalNumber, .letterNumber, .otherNumber]
        case "Nd": [.decimalNumber]
        case "Nl": [.letterNumber]
        case "No": [.otherNumber]
        case "P":
            [
                .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
                .finalPunctuation, .otherPunctuation,
            ]
        case "S": [.mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol]
        case "Sm": [.mathSymbol]
        case "Sc": [.currencySymbol]
        case "Sk": [.modifierSymbol]
        case "So": [.otherSymbol]
        case "Z": [.spaceSeparator, .lineSeparator, .paragraphSeparator]
        case "Zs": [.spaceSeparator]
        default: nil
        }
    }
}

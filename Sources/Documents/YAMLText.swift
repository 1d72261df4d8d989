/// A text on its way through the parser, which stops at the first key that a mapping holds twice. To find what else is wrong,
/// the first of the two is marked with a character nobody writes, and the text is parsed again; places are told as they
/// were before.
struct YAMLText {
    /// From the private use area, and allowed in YAML.
    private static let mark: Unicode.Scalar = "\u{E000}"

    private(set) var text: String
    /// Where marks went in, in order; a mark moves what is to the right of it on its line.
    private var marks: [(line: Int, column: Int)] = []
    private let mayBeMarked: Bool

    init(_ yaml: String) {
        var text = yaml
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        mayBeMarked = !text.unicodeScalars.contains(Self.mark)
        // The parser keeps a pointer to the text, which a string short enough to live within its own word does not have.
        if text.utf8.count < 16 { text += String(repeating: "\n", count: 16) }
        text.makeContiguousUTF8()
        self.text = text
    }

    /// Marks the key at this place of the present text; false if there is no plain or quoted key there.
    mutating func setAside(keyAt line: Int, _ column: Int) -> Bool {
        guard mayBeMarked, var index = index(line, column) else { return false }
        let scalars = text.unicodeScalars
        guard index < scalars.endIndex, !"&!*?[]{},|>%@`# \n\r".unicodeScalars.contains(scalars[index]) else { return false }
        if scalars[index] == "\"" || scalars[index] == "'" { index = scalars.index(after: index) }
        text.unicodeScalars.insert(Self.mark, at: index)
        text.makeContiguousUTF8()
        marks.append((line, column))
        return true
    }

    func withoutMarks(_ key: String) -> String {
        guard mayBeMarked else { return key }
        var name = ""
        name.unicodeScalars.append(contentsOf: key.unicodeScalars.drop { $0 == Self.mark })
        return name
    }

    /// A place of the text as it was written.
    func place(_ line: Int, _ column: Int, file: String) -> Place {
        var column = column
        for mark in marks.reversed() where mark.line == line && column > mark.column { column -= 1 }
        return Place(file: file, line: line, column: column)
    }

    func place(atCharacter offset: Int, file: String) -> Place {
        var (line, column) = (1, 1)
        for character in text.prefix(offset) {
            (line, column) = character.isNewline ? (line + 1, 1) : (line, column + character.unicodeScalars.count)
        }
        return place(line, column, file: file)
    }

    /// Counts lines and columns as libYAML does.
    private func index(_ line: Int, _ column: Int) -> String.Index? {
        let scalars = text.unicodeScalars
        var index = scalars.startIndex
        for _ in 1..<max(line, 1) {
            guard let end = scalars[index...].firstIndex(where: { "\n\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains($0) })
            else { return nil }
            let isPair = scalars[end] == "\r" && scalars[scalars.index(after: end)...].first == "\n"
            index = scalars.index(end, offsetBy: isPair ? 2 : 1)
        }
        return scalars.index(index, offsetBy: max(column, 1) - 1, limitedBy: scalars.endIndex)
    }

    /// How many times over the text's aliases can make it stand for a value. The parser compares keys with all that is in
    /// them, so this must be known before: n anchors (`&a`) and m aliases (`*a`) make (1 + m/n)ⁿ at most.
    var greatestExpansion: Double {
        var anchors = 0.0
        var aliases = 0.0
        var before: UInt8 = 0x20
        var sign: UInt8 = 0
        for byte in text.utf8 {
            let isName =
                byte >= 0x61 && byte <= 0x7A || byte >= 0x41 && byte <= 0x5A || byte >= 0x30 && byte <= 0x39 || byte == 0x2D
                || byte == 0x5F
            if isName, sign == UInt8(ascii: "&") { anchors += 1 }
            if isName, sign == UInt8(ascii: "*") { aliases += 1 }
            let startsToken = [0x20, 0x09, 0x0A, 0x0D, 0x5B, 0x7B, 0x2C].contains(before)
            sign = startsToken && (byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*")) ? byte : 0
            before = byte
        }
        guard anchors > 0, aliases > 0 else { return 1 }
        var product = 1.0
        for _ in 0..<min(Int(anchors), 10_000) where product < 1e12 { product *= 1 + aliases / anchors }
        return product
    }
}

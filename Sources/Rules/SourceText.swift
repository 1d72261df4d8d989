import Documents
import Expressions

/// A file's text, to place what is wrong inside one of its values.
struct SourceText: Sendable {
    /// Of a longer line the end is not shown.
    private static let widest = 200

    private let lines: [[UnicodeScalar]]

    init(_ text: String) {
        lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map { Array($0.unicodeScalars) }
    }

    /// A mistake of an expression, with the line it is about and a caret below the place: the file's line if the place is
    /// found in it, else the expression's own.
    func mistake(_ error: ExpressionError, of source: String, in node: Node) -> Mistake {
        let place = place(line: error.line, column: error.column, of: source, in: node)
        let isFound = place != node.place || error.place == SourcePlace(line: 1, column: 1)
        let mistake = Mistake(error.message, at: place)
        return isFound ? shown(mistake) : Mistake("\(error.message)\n\(error.place.shown(in: source))", at: place)
    }

    /// A mistake of this file with its line and a caret, unless it has them.
    func shown(_ mistake: Mistake) -> Mistake {
        let place = mistake.place
        guard !mistake.message.contains("\n"), lines.indices.contains(place.line - 1), !lines[place.line - 1].isEmpty else {
            return mistake
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: lines[place.line - 1].prefix(Self.widest))
        guard place.column <= text.count + 1 else { return mistake }
        let shown = SourcePlace(line: 1, column: place.column).shown(in: String(text))
        return Mistake("\(mistake.message)\n\(shown)", at: place)
    }

    /// Where the line and column of an expression stand in the file; the value's own place where the file's layout (escapes,
    /// folded lines) hides it.
    func place(line: Int, column: Int, of source: String, in node: Node) -> Place {
        let wanted = source.split(omittingEmptySubsequences: false) { $0.isNewline }.map { Array($0.unicodeScalars) }
        guard wanted.indices.contains(line - 1) else { return node.place }
        let expected = wanted[line - 1].drop { $0 == " " }
        let indent = wanted[line - 1].count - expected.count
        guard let found = find(expected, from: node.place, line: line) else { return node.place }
        return Place(file: node.place.file, line: found.line, column: max(1, found.column + column - 1 - indent))
    }

    /// Looks on the value's own line, then, for a block of lines, on those below it.
    private func find(_ expected: ArraySlice<UnicodeScalar>, from place: Place, line: Int) -> (line: Int, column: Int)? {
        for (row, isFirst) in [(place.line - 1 + line - 1, line == 1), (place.line - 1 + line, false)]
        where lines.indices.contains(row) && !expected.isEmpty {
            let text = lines[row]
            let start = isFirst ? place.column - 1 : 0
            guard start >= 0, expected.count <= text.count else { continue }
            for offset in stride(from: start, through: text.count - expected.count, by: 1)
            where text[offset..<(offset + expected.count)] == expected {
                return (row + 1, offset + 1)
            }
        }
        return nil
    }
}

/// A place in the text of an expression.
package struct SourcePlace: Hashable, Sendable {
    /// From 1.
    package let line: Int
    /// From 1, in Unicode scalars.
    package let column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    init(offset: Int, in text: [Unicode.Scalar]) {
        let before = text.prefix(offset)
        let start = before.lastIndex(of: "\n").map { $0 + 1 } ?? 0
        self.init(line: 1 + before.count { $0 == "\n" }, column: 1 + before.count - start)
    }

    /// The line of the text, and below it a caret at the column. Tabs stay tabs, so that the caret stands where it should.
    package func shown(in source: String) -> String {
        let lines = source.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        let text = lines.indices.contains(line - 1) ? lines[line - 1].filter { $0 != "\r" } : []
        var indent = String.UnicodeScalarView()
        for scalar in text.prefix(max(0, column - 1)) { indent.append(scalar == "\t" ? "\t" : " ") }
        var shown = String.UnicodeScalarView()
        shown.append(contentsOf: text)
        return "  \(String(shown))\n  \(String(indent))^"
    }
}

/// Where the lines of a text begin, for many places in one text.
struct SourceLines {
    /// Offsets in scalars, ascending; the first is 0.
    private let starts: [Int]

    init(_ source: String) {
        var starts = [0]
        for (offset, scalar) in source.unicodeScalars.enumerated() where scalar == "\n" { starts.append(offset + 1) }
        self.starts = starts
    }

    func place(of offset: Int) -> SourcePlace {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return SourcePlace(line: low + 1, column: offset - starts[low] + 1)
    }
}

/// What is wrong with the text of an expression, and where in it.
package struct ExpressionError: Error, Hashable, Sendable, CustomStringConvertible {
    package let message: String
    package let place: SourcePlace

    /// Both count from 1, columns in Unicode scalars.
    package var line: Int { place.line }
    package var column: Int { place.column }

    package init(message: String, line: Int, column: Int) {
        self.init(message: message, at: SourcePlace(line: line, column: column))
    }

    package init(message: String, at place: SourcePlace) {
        self.message = message
        self.place = place
    }

    init(_ message: String, at offset: Int, in text: [Unicode.Scalar]) {
        self.init(message: message, at: SourcePlace(offset: offset, in: text))
    }

    package var description: String { "\(line):\(column): \(message)" }

    /// The message, the line it is about, and a caret below the place.
    package func shown(in source: String) -> String { "\(description)\n\(place.shown(in: source))" }
}

/// Several mistakes of one expression, in the order of their places.
package struct ExpressionErrors: Error, Hashable, Sendable, CustomStringConvertible {
    /// At least one.
    package let all: [ExpressionError]

    package var description: String { all.map(\.description).joined(separator: "\n") }
    package func shown(in source: String) -> String { all.map { $0.shown(in: source) }.joined(separator: "\n") }
}

/// A place in a user's file. Lines and columns count from 1; columns in Unicode scalars.
package struct Place: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let column: Int

    package init(file: String, line: Int = 1, column: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file):\(line):\(column)" }

    package static func < (a: Place, b: Place) -> Bool { (a.file, a.line, a.column) < (b.file, b.line, b.column) }
}

/// One thing wrong in a user's file, in the form compilers use: `file:line:column: error: what is wrong`.
package struct Mistake: Error, Hashable, Sendable, Comparable, CustomStringConvertible {
    package let place: Place
    package let message: String

    package init(_ message: String, at place: Place) {
        self.message = message
        self.place = place
    }

    package var description: String { "\(place): error: \(message)" }

    package static func < (a: Mistake, b: Mistake) -> Bool { (a.place, a.message) < (b.place, b.message) }
}

/// Collects every mistake of every file, so that a person mends them all in one go.
package final class Mistakes {
    package private(set) var all: [Mistake] = []

    package init() {}

    package func add(_ message: String, at place: Place) { all.append(Mistake(message, at: place)) }
    package func add(_ mistake: Mistake) { all.append(mistake) }

    package var isEmpty: Bool { all.isEmpty }
    /// By file, line and column, each once.
    package var sorted: [Mistake] { Set(all).sorted() }
}

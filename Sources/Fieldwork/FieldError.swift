import Documents

/// Why a tool did not do what it was asked: sentences that name the thing, the cause and the next step.
package struct FieldError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, one line each.
    package let lines: [String]
    /// For the shell: 64 if the command was written wrong, 1 if it could not be done.
    package let status: Int32

    package init(_ line: String) {
        lines = [line]
        status = 1
    }

    private init(lines: [String], status: Int32) {
        self.lines = lines
        self.status = status
    }

    /// The command itself is wrong; nothing was opened.
    package static func usage(_ line: String) -> FieldError { FieldError(lines: ["error: " + line], status: 64) }

    static func failed(_ line: String) -> FieldError { FieldError(lines: ["error: " + line], status: 1) }

    /// Mistakes in a file, in the form of compilers.
    static func mistakes(_ mistakes: Mistakes) -> FieldError {
        let found = mistakes.sorted
        let count = "\(found.count) \(found.count == 1 ? "mistake" : "mistakes")"
        return FieldError(lines: found.map(\.description) + [count], status: 1)
    }

    package var description: String { lines.joined(separator: "\n") }
}

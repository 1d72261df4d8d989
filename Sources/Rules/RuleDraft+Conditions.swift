package import Documents
import Expressions
import Telemetry

extension RuleDraft {
    /// The condition under a key, with every mistake of its grammar and its names placed inside it.
    package func condition(_ key: String, in form: Form, inputs: InputNames?, required: Bool = false) -> Condition? {
        guard let source = form.string(key, required: required), let node = form.node[key] else { return nil }
        let expression: Expression
        do throws(ExpressionError) {
            expression = try Expression(source)
        } catch {
            let place = text.place(line: error.line, column: error.column, of: source, in: node)
            mistakes.add("'\(key)': \(error.message)", at: place)
            return nil
        }
        let condition = Condition(key: key, expression: expression)
        guard let inputs else { return condition }
        for name in expression.names.sorted() where !inputs.names.contains(name) {
            let (line, column) = SourceText.find(identifier: name, in: source)
            mistakes.add(
                "'\(name)' is not an input" + suggestion(for: name, among: inputs.names),
                at: text.place(line: line, column: column, of: source, in: node))
        }
        return condition
    }

    /// Notes the inputs no condition reads, unless a mistyped name may have meant one. Call it once all conditions could be read.
    package func checkUse(of inputs: InputNames?, by conditions: [Condition]) {
        let used = conditions.reduce(into: Set<String>()) { $0.formUnion($1.expression.names) }
        guard let inputs, used.isSubset(of: inputs.names) else { return }
        for entry in inputs.entries where !used.contains(entry.name) {
            mistakes.add("the input '\(entry.name)' is not used", at: entry.place)
        }
    }

    /// Notes conditions whose types do not fit these inputs.
    package func checkTypes(of conditions: [Condition], in form: Form, inputs: Inputs) {
        let types = Dictionary(
            inputs.all.map { ($0.name, context.directory[$0.point].type) }, uniquingKeysWith: { first, _ in first })
        for condition in conditions where condition.expression.names.isSubset(of: types.keys) {
            guard let misfit = condition.misfit(types: types) else { continue }
            mistakes.add("'\(condition.key)': \(misfit)", at: form.place(of: condition.key))
        }
    }
}

/// A file's text, to place what is wrong inside one of its values.
struct SourceText: Sendable {
    private let lines: [[UnicodeScalar]]

    init(_ text: String) {
        lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map { Array($0.unicodeScalars) }
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

    /// The line and column of the first use of a name in an expression, counted from 1.
    static func find(identifier: String, in source: String) -> (line: Int, column: Int) {
        let wanted = Array(identifier.unicodeScalars)
        for (row, text) in source.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let scalars = Array(text.unicodeScalars)
            for start in scalars.indices where scalars[start...].starts(with: wanted) {
                let end = start + wanted.count
                let before = start > 0 ? scalars[start - 1] : " "
                let after = end < scalars.count ? scalars[end] : " "
                if !isPart(before), !isPart(after) { return (row + 1, start + 1) }
            }
        }
        return (1, 1)
    }

    private static func isPart(_ scalar: UnicodeScalar) -> Bool {
        scalar == "_" || scalar == "." || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
    }
}

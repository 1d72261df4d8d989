import ArgumentParser
import Expressions
import Foundation

struct Eval: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Evaluates an expression of the Common Expression Language, or a file of cases.",
        discussion: """
            headgate eval 'level > 2.5 && mode in ["auto", "hand"]' --vars '{"level": 3.1, "mode": "auto"}'
            headgate eval --cases cases.jsonl

            The value is printed as the language writes it. In --vars a whole number is an int, any other number a double. What \
            is wrong is told with its line, its column and a caret, and the exit status is 1.

            A case is one JSON object a line: {"id", "expr", "vars", "want": typed value | "error": true}. The answer is one line \
            each: {"id", "got": typed value | "error": text, "ok": true | false}.
            """)

    @Argument(help: ArgumentHelp("The expression.", valueName: "expression"))
    var expression: String?

    @Option(help: ArgumentHelp("The variables, as a JSON object.", valueName: "json"))
    var vars: String = "{}"

    @Option(help: ArgumentHelp("A file of cases.", valueName: "file"))
    var cases: String?

    func validate() throws {
        if (expression == nil) == (cases == nil) { throw ValidationError("Give an expression, or --cases with a file.") }
    }

    func run() throws {
        if let cases { return try run(cases: cases) }
        guard let expression else { return }
        do throws(Evaluation.Failure) {
            print(try Evaluation(expression, json: vars).value().text(values: 100_000, scalars: 1_000_000))
        } catch {
            printError(error.message)
            throw ExitCode(1)
        }
    }

    private func run(cases path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            printError("\(path): cannot be read")
            throw ExitCode(1)
        }
        var held = 0
        var count = 0
        for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
            count += 1
            let (json, isOK) = CaseLine.answer(to: String(line), number: count)
            held += isOK ? 1 : 0
            print(json)
        }
        printError("\(held) of \(count) cases hold")
    }
}

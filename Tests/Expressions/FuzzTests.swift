import Testing

@testable import Expressions

@Suite("An expression of any letters")
struct FuzzTests {
    private static let words = [
        "a", "b", "1", "2u", "0.5", "-", "+", "*", "/", "%", "(", ")", "[", "]", "{", "}", ":", "?", ",", ".", "&&", "||", "!", "==", "<",
        ">=", "in", "'s'", "b'\\xff'", "true", "null", "size", "has", "max", "9223372036854775807", "1e308", "\"", "\\", ".?", "[?",
        ".map(x, ", ".all(x, ", ".exists(i, x, ", ".filter(x, x)", "cel.bind(a, ", ".transformMap(", "x", "timestamp(", "duration('1h')",
        ".matches('", "'%s %d %.3f'.format([", ".split('')", ".substring(1)", "optional.of(", ".orValue(", ".getHours('UTC')", "é", "`",
        "// ", "\n",
    ]
    private static let values: [CELValue] = [
        .null, .bool(true), .int(.min), .uint(.max), .double(.nan), .double(-.infinity), .string("é"), .list([.int(1), .string("")]),
        .map([.string("a"): .int(1), .bool(true): .null]), .duration(Span(nanoseconds: .min)), .optional(nil),
        .type("int"), .bytes([0xFF]),
    ]

    /// Reads, checks and runs a text: whatever it is, this comes back. True if it had a value.
    private func survives(_ source: String, _ random: inout Seeded) -> Bool {
        let bound = Self.values.randomElement(using: &random)
        do {
            let expression = try Expression(source)
            do throws(ExpressionErrors) {
                _ = try expression.check(["a": .dyn, "b": .list(.int), "x": .map(.string, .dyn)])
            } catch {
                #expect(error.all.allSatisfy { $0.line >= 1 && $0.column >= 1 })
            }
            return (try expression.evaluatePlacing(limit: 20_000) { _ in bound }).text.isEmpty == false
        } catch let error as ExpressionError {
            #expect(error.line >= 1 && error.column >= 1 && error.column <= source.unicodeScalars.count + 1, "\(source)")
        } catch {
            #expect(error is EvaluationFailure, "\(source)")
        }
        return false
    }

    @Test("is a value or a named error, never a crash", arguments: 0..<8 as Range<UInt64>)
    func tokens(seed: UInt64) {
        var random = Seeded(seed)
        var valued = 0
        for _ in 0..<1200 {
            let source = (0..<Int.random(in: 1...9, using: &random)).map { _ in Self.words.randomElement(using: &random) ?? "" }
                .joined(separator: " ")
            if survives(source, &random) { valued += 1 }
        }
        #expect(valued > 10)
    }

    @Test("that was right before a letter changed is a value or a named error", arguments: 0..<8 as Range<UInt64>)
    func mutations(seed: UInt64) {
        var random = Seeded(seed)
        let sources = [
            "a.map(x, x > 1 ? 'high' : 'low').filter(s, s.matches('^h[ig]+h$')).size() >= 1",
            "{'k': [1, 2, 3].transformList(i, v, i * v)}.k[1] == 2 && has(b.c) || \"\"\"x\n\"\"\" == r'\\'",
            "'%.3f|%e|%x|%s'.format([1.5, 2, 255, {'a': [1u, null]}]).replace('|', '\\u00e9', 2).split('', 4)",
            "timestamp('2024-02-29T23:59:59.5Z') + duration('1h30m0.5s') - timestamp(0) > duration('-9h')",
            "cel.bind(v, [a, b], [v, v]).all(l, l.exists_one(m, m == a)) && optional.of({'y': 1}).?y.orValue(2) < 3u",
        ]
        var valued = 0
        for _ in 0..<800 {
            var scalars = Array((sources.randomElement(using: &random) ?? "").unicodeScalars)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<scalars.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: scalars.remove(at: place)
                case 1: scalars.insert(scalars.randomElement(using: &random) ?? "a", at: place)
                case 2: scalars[place] = Unicode.Scalar(UInt8.random(in: 9..<128, using: &random))
                default: scalars.swapAt(place, Int.random(in: 0..<scalars.count, using: &random))
                }
            }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars)
            if survives(String(view), &random) { valued += 1 }
        }
        #expect(valued > 10)
    }

    @Test("that is well formed is a value or a named error", arguments: 0..<8 as Range<UInt64>)
    func grammar(seed: UInt64) {
        var random = Seeded(seed)
        var valued = 0
        for _ in 0..<600 where survives(Soup.expression(&random, depth: 4), &random) { valued += 1 }
        #expect(valued > 20)
    }

    @Test("has the same value however its variables are handed over", arguments: 0..<2 as Range<UInt64>)
    func slots(seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<500 {
            guard let expression = try? Expression(Soup.expression(&random, depth: 3)) else { continue }
            let values = Dictionary(uniqueKeysWithValues: expression.slots.map { ($0, Self.values.randomElement(using: &random)) })
            let named = Result { try expression.evaluate { values[$0] ?? nil }.text }
            let slotted = Result { try expression.evaluate(slots: expression.slots.map { values[$0] ?? nil }).text }
            switch (named, slotted) {
            case (.success(let a), .success(let b)): #expect(a == b, "\(expression.source)")
            case (.failure(let a), .failure(let b)): #expect("\(a)" == "\(b)", "\(expression.source)")
            default: Issue.record("\(expression.source): \(named), \(slotted)")
            }
        }
    }
}

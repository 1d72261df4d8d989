import FoundationEssentials
import Testing

@testable import Expressions

/// The language's public conformance suite, where the folder that holds it is present beside the checkout.
@Suite("CEL conformance")
struct ConformanceTests {
    private static let file = URL(filePath: #filePath).appending(path: "../../../../shared/cel/cases.jsonl").standardized
    static var isPresent: Bool { FileManager.default.fileExists(atPath: file.path) }

    /// Sections of the suite that hold completely but for what they say of times and durations; the rest wait for
    /// macros, `matches` and the string extension.
    private static let claimed: Set = [
        "basic", "comparisons", "fields", "fp_math", "integer_math", "lists", "logic", "math_ext", "parse",
    ]
    private static let claimedSections: Set = [
        "conversions/bool", "conversions/bytes", "conversions/double", "conversions/dyn", "conversions/identity",
        "conversions/int", "conversions/string", "conversions/type", "conversions/uint", "string/bytes_concat",
        "string/concatenation", "string/contains", "string/ends_with", "string/size", "string/starts_with",
    ]

    @Test("every case of the sections we claim holds", .enabled(if: isPresent))
    func claimedSectionsHold() throws {
        let lines = try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n")
        var held = 0
        var sections: [String: (held: Int, all: Int)] = [:]
        for line in lines {
            let item = try JSONDecoder().decode(Case.self, from: Data(line.utf8))
            let words = item.id.split(separator: "/")
            let section = words.prefix(2).joined(separator: "/")
            let failure = item.failure
            held += failure == nil ? 1 : 0
            sections[section, default: (0, 0)].all += 1
            sections[section, default: (0, 0)].held += failure == nil ? 1 : 0
            if item.expr.contains("timestamp(") || item.expr.contains("duration(") { continue }
            if Self.claimed.contains(String(words[0])) || Self.claimedSections.contains(section) {
                #expect(failure == nil, "\(item.id): \(item.expr): \(failure ?? "")")
            }
        }
        let open = sections.filter { $0.value.held < $0.value.all }
            .map { "\($0.key) \($0.value.held)/\($0.value.all)" }.sorted()
        print("CEL conformance: \(held) of \(lines.count) cases hold; incomplete: \(open.joined(separator: ", "))")
        #expect(held >= 541)
    }
}

/// One line of the file.
private struct Case: Decodable {
    let id: String
    let expr: String
    let vars: [String: TypedValue]
    let want: TypedValue?
    let error: Bool?

    /// What went otherwise than the suite says; nil if nothing did.
    var failure: String? {
        do {
            let value = try Expression(expr).evaluate { vars[$0]?.value }
            guard let want, let wanted = want.value else { return "gave \(value.text), should fail or is of a type not here" }
            return value == wanted || (isNaN(value) && isNaN(wanted)) ? nil : "gave \(value.text), not \(wanted.text)"
        } catch {
            // What we cannot do yet fails too, but not for the reason the suite has in mind.
            return self.error == true && !"\(error)".contains("not supported yet") ? nil : "failed: \(error)"
        }
    }

    private func isNaN(_ value: CELValue) -> Bool {
        if case .double(let number) = value { number.isNaN } else { false }
    }
}

/// One key names the type: `{"int": "42"}`.
private indirect enum TypedValue: Decodable {
    case known(CELValue)
    case unknown

    var value: CELValue? {
        if case .known(let value) = self { value } else { nil }
    }

    private enum Key: String, CodingKey {
        case int, uint, double, string, bytes, bool, null, list, map, type
    }

    init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: Key.self)
        guard let key = box.allKeys.first else {
            self = .unknown
            return
        }
        let value: CELValue?
        switch key {
        case .int: value = Int64(try box.decode(String.self, forKey: key)).map(CELValue.int)
        case .uint: value = UInt64(try box.decode(String.self, forKey: key)).map(CELValue.uint)
        case .double:
            if let text = try? box.decode(String.self, forKey: key) {
                value = Double(text).map(CELValue.double)
            } else {
                value = .double(try box.decode(Double.self, forKey: key))
            }
        case .string: value = .string(try box.decode(String.self, forKey: key))
        case .bytes: value = .bytes(Self.bytes(hex: try box.decode(String.self, forKey: key)))
        case .bool: value = .bool(try box.decode(Bool.self, forKey: key))
        case .null: value = .null
        case .type: value = .type(try box.decode(String.self, forKey: key))
        case .list: value = .list(try box.decode([TypedValue].self, forKey: key).compactMap(\.value))
        case .map:
            let pairs = try box.decode([[TypedValue]].self, forKey: key).map { $0.compactMap(\.value) }
            value = .map(Dictionary(pairs.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { first, _ in first })
        }
        self = value.map(TypedValue.known) ?? .unknown
    }

    private static func bytes(hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
    }
}

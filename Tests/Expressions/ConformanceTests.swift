import FoundationEssentials
import Testing

@testable import Expressions

/// The language's public conformance suite, where the folder that holds it is present beside the checkout.
@Suite("CEL conformance")
struct ConformanceTests {
    private static let file = URL(filePath: #filePath).appending(path: "../../../../shared/cel/cases.jsonl").standardized
    static var isPresent: Bool { FileManager.default.fileExists(atPath: file.path) }

    /// The cases that do not hold, and why. None today; a hundredth of the suite may stand here.
    private static let exceptions: [String: String] = [:]

    @Test("every case of the suite holds but those the table names", .enabled(if: isPresent, "shared/cel is not beside the checkout"))
    func everyCaseHolds() throws {
        let lines = try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n")
        var failed: Set<String> = []
        for line in lines {
            let item = try JSONDecoder().decode(Case.self, from: Data(line.utf8))
            guard let failure = item.failure else { continue }
            failed.insert(item.id)
            #expect(Self.exceptions[item.id] != nil, "\(item.id): \(item.expr): \(failure)")
        }
        for id in Self.exceptions.keys { #expect(failed.contains(id), "\(id) holds; the table need not name it") }
        print("CEL conformance: \(lines.count - failed.count) of \(lines.count) cases hold")
        #expect(lines.count > 700 && failed.count * 100 <= lines.count)
    }

    @Test("headgate eval --cases finds the same as this test", .enabled(if: isPresent, "shared/cel is not beside the checkout"))
    func answers() throws {
        let lines = try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n")
        for (number, line) in lines.enumerated() {
            let item = try JSONDecoder().decode(Case.self, from: Data(line.utf8))
            let (json, isOK) = CaseLine.answer(to: String(line), number: number)
            #expect(isOK == (item.failure == nil), "\(json)")
            let answer = try JSONDecoder().decode(Answer.self, from: Data(json.utf8))
            #expect(answer.id == item.id && answer.ok == isOK && (answer.got == nil) != (answer.error == nil), "\(json)")
            if isOK, let want = item.want?.value { #expect(answer.got?.value.map { item.isSame($0, want) } == true, "\(json)") }
        }
    }
}

/// What `headgate eval --cases` prints.
private struct Answer: Decodable {
    let id: String
    let got: TypedValue?
    let error: String?
    let ok: Bool
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
            let value = try Expression(expr, isLenient: true).evaluate { vars[$0]?.value }
            guard let want, let wanted = want.value else { return "gave \(value.text), should fail or is of a type not here" }
            return isSame(value, wanted) ? nil : "gave \(value.text), not \(wanted.text)"
        } catch {
            return self.error == true ? nil : "failed: \(error)"
        }
    }

    func isSame(_ value: CELValue, _ wanted: CELValue) -> Bool { value == wanted || (isNaN(value) && isNaN(wanted)) }

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
        case int, uint, double, string, bytes, bool, null, list, map, type, timestamp, duration
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
        case .timestamp:
            let parts = try box.decode([Int64].self, forKey: key)
            value = Timestamp(seconds: parts[0], nanoseconds: parts[1]).map(CELValue.timestamp)
        case .duration:
            let parts = try box.decode([Int64].self, forKey: key)
            value = Span(seconds: parts[0], nanoseconds: parts[1]).map(CELValue.duration)
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

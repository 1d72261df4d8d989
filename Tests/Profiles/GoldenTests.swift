import Documents
import FoundationEssentials
import Modbus
import Profiles
import Telemetry
import Testing

/// A folder of `Golden`: a profile and what is expected of it. Its name is a sentence.
struct GoldenFolder: CustomTestStringConvertible, Sendable {
    let name: String

    static let root = Repository.root + "/Tests/Profiles/Golden"
    static let all = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted().map { GoldenFolder(name: $0) }

    var testDescription: String { name }

    func has(_ file: String) -> Bool { FileManager.default.fileExists(atPath: "\(Self.root)/\(name)/\(file)") }

    func text(_ file: String) throws -> String {
        try String(contentsOf: URL(filePath: "\(Self.root)/\(name)/\(file)"), encoding: .utf8)
    }

    func lines(_ file: String) throws -> [String] { try text(file).split(separator: "\n").map(String.init) }
}

enum Repository {
    static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
}

@Suite("Golden profiles")
struct GoldenTests {
    @Test("have just the mistakes that are expected of them", arguments: GoldenFolder.all.filter { !$0.has("registers.txt") })
    func mistakes(folder: GoldenFolder) throws {
        let mistakes = Mistakes()
        let profile = Profiles.read(yaml: try folder.text("profile.yaml"), file: "profile.yaml", name: "golden", into: mistakes)
        let actual = mistakes.sorted.map(\.description)
        #expect(actual == (try folder.lines("expected.txt")), "\(actual.joined(separator: "\n"))")
        #expect(profile == nil)
    }

    @Test("read registers as expected", arguments: GoldenFolder.all.filter { $0.has("registers.txt") })
    func readings(folder: GoldenFolder) throws {
        let mistakes = Mistakes()
        let profile = Profiles.read(yaml: try folder.text("profile.yaml"), file: "profile.yaml", name: "golden", into: mistakes)
        #expect(mistakes.isEmpty, "\(mistakes.sorted)")
        let image = try Self.image(folder.lines("registers.txt"))
        let actual = try #require(profile).points.map { point in
            guard let source = point.register else { return "\(point.name): not in registers" }
            let words = source.addresses.prefix { image[source.table]?[$0] != nil }.compactMap { image[source.table]?[$0] }
            let reading =
                source.table.isBits
                ? source.reading(bits: words.map { $0 != 0 }, range: point.range)
                : source.reading(registers: words, range: point.range)
            return "\(point.name): \(Self.words(reading, point.unit))"
        }
        #expect(actual == (try folder.lines("expected.txt")), "\(actual.joined(separator: "\n"))")
    }

    /// `writes.txt` has lines such as `speed 42.5 = 06 00 00 01 A9`, the request, or `= refused: not a valid request: why`.
    @Test("write values as expected", arguments: GoldenFolder.all.filter { $0.has("writes.txt") })
    func writes(folder: GoldenFolder) throws {
        let mistakes = Mistakes()
        let profile = Profiles.read(yaml: try folder.text("profile.yaml"), file: "profile.yaml", name: "golden", into: mistakes)
        let expected = try folder.lines("writes.txt")
        let actual = try expected.map { line in
            let words = line.prefix { $0 != "=" }.dropLast()
            let name = words.prefix { $0 != " " }
            let text = String(words.dropFirst(name.count + 1))
            let point = try #require(profile?[String(name)])
            let source = try #require(point.register)
            let value = try #require(Self.value(text, point.valueType))
            return "\(words) = \(Self.write(value, to: source))"
        }
        #expect(!expected.isEmpty && actual == expected, "\(actual.joined(separator: "\n"))")
    }

    private static func write(_ value: Value, to source: RegisterSource) -> String {
        do {
            let payload = try source.encode(value)
            if case .registers(let words) = payload { #expect(source.reading(registers: words).isGood) }
            let pdu = try source.request(writing: value).encode()
            return pdu.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ")
        } catch {
            return "refused: \(error)"
        }
    }

    private static func value(_ text: String, _ type: ValueType) -> Value? {
        switch type {
        case .bool: Bool(text).map { .bool($0) }
        case .int: Int64(text).map { .int($0) }
        case .uint: UInt64(text).map { .uint($0) }
        case .double: Double(text).map { .double($0) }
        case .string: .string(text)
        }
    }

    /// Lines such as `input 0: 0x0BB8 0xFFFF`.
    private static func image(_ lines: [String]) throws -> [Table: [Int: UInt16]] {
        var image: [Table: [Int: UInt16]] = [:]
        for line in lines where !line.hasPrefix("#") {
            let (head, words) = try #require(
                line.firstIndex(of: ":").map { (line[..<$0].split(separator: " "), line[$0...].dropFirst()) })
            let table = try #require(head.first.flatMap { Table(rawValue: String($0)) })
            let start = try #require(head.last.flatMap { Int($0) })
            for (index, text) in words.split(separator: " ").enumerated() {
                let word: UInt16 = try #require(UInt16(text.dropFirst(2), radix: 16))
                image[table, default: [:]][start + index] = word
            }
        }
        return image
    }

    private static func words(_ reading: Reading, _ unit: String) -> String {
        switch reading {
        case .good(let value): "good \(value)" + (unit.isEmpty ? "" : " \(unit)")
        case .uncertain(let value, let cause): "uncertain \(value) \(cause.rawValue)"
        case .bad(let cause): "bad \(cause.rawValue)"
        }
    }
}

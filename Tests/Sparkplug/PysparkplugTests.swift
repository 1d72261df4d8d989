import Foundation
import Subprocess
import Telemetry
import Testing

@testable import Sparkplug

/// What pysparkplug, which nobody here wrote, makes of our messages, and what it writes itself: the rows of `pysparkplug/table.txt`.
private enum Table {
    struct Row: Decodable {
        let name: String?
        let alias: UInt64?
        let timestamp: Int64?
        let datatype: UInt32
        let value: String?
        let historical: Bool
        let isNull: Bool
        let properties: [String: [Word]]?
    }

    /// A cell of a property: its type's number, its field, or its value.
    struct Word: Decodable, Equatable {
        let text: String

        init(_ text: String) { self.text = text }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            text = try (try? container.decode(Int.self)).map { "\($0)" } ?? container.decode(String.self)
        }
    }

    struct Reading: Decodable {
        let timestamp: Int64
        let seq: UInt64?
        let metrics: [Row]
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "pysparkplug")
    static let lines = file("table.txt")
    static let ours = file("ours.txt")

    static func cells(_ kind: String) -> [[String]] {
        lines.map { $0.split(separator: "\t").map(String.init) }.filter { $0.first == kind }
    }

    private static func file(_ name: String) -> [String] {
        ((try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }
}

@Suite("The table of pysparkplug")
struct PysparkplugTests {
    /// A day of the station, with everything an edge node sends. Each with the member it is of: a birth is looked up by it.
    private static func messages() throws -> [(name: String, payload: Payload, bytes: [UInt8])] {
        var messages: [(String, Payload, [UInt8])] = []
        for usesAliases in [true, false] {
            var node = try EdgeNode(station.with { $0.usesAliases = usesAliases }, bdSeq: 41)
            var actions = node.hear(.start, at: after(0)).compactMap { action -> EdgeNode.Action? in
                if case .connect(let connection) = action { .publish(connection.will) } else { nil }
            }
            _ = node.live(sample("level", .double(2.417), 1), sample("offset", .int(-7), 1), at: after(1))
            actions += node.hear(.connected, at: after(2))
            actions += node.live(sample("level", .double(-0.1), 3), sample("starts", .uint(.max), 3), at: after(3))
            actions += node.live(
                sample("level", .bad(.commFailure), at: 4), sample("offset", .uncertain(.int(.min), .substituted), at: 4),
                sample("mode", .string("停机"), 4), sample("run", .bool(true), 4), at: after(4))
            actions += node.live(sample("level", .double(1e-300), 5), at: after(5))
            actions += node.backlog(sample("level", .double(1), 1), sample("level", .bad(.sensorFault), at: 2), at: after(6))
            actions += node.live(sample("journal/pending", .uint(12), 7), device: nil, at: after(7))
            actions += node.hear(.deviceLost("well"), at: after(8))
            actions += node.hear(.stop, at: after(9))
            messages += actions.sent.map { sent in
                let words = sent.words.split(separator: " ")
                return ("\(words[0]) \(words.dropFirst().first ?? "-") \(usesAliases)", sent.payload, sent.message.payload)
            }
        }
        return messages.map { (name: $0.0, payload: $0.1, bytes: $0.2) }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.utf8.compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    @Test("was made of the very bytes that an edge node sends")
    func bytesAreOurs() throws {
        let lines = try Self.messages().map { "\($0.name)\t\(Self.hex($0.bytes))" }
        #expect(lines == Table.ours)
        #expect(try #require(Table.lines.first).hasPrefix("# pysparkplug 0."))
        let kinds = Set(Table.ours.compactMap { $0.split(separator: " ").first })
        #expect(kinds == ["NDEATH", "NBIRTH", "DBIRTH", "DDATA", "NDATA", "DDEATH"])
    }

    @Test("reads of each what was meant")
    func reads() throws {
        let messages = try Self.messages()
        let rows = Table.cells("read")
        try #require(rows.map { $0[1] } == messages.map(\.name))
        var types: [String: DataType] = [:]
        for (cells, message) in zip(rows, messages) {
            let found = try JSONDecoder().decode(Table.Reading.self, from: Data(cells[2].utf8))
            #expect(found.seq == message.payload.seq, "\(message.name)")
            #expect(found.timestamp == message.payload.timestamp?.milliseconds, "\(message.name)")
            try #require(found.metrics.count == message.payload.metrics.count)
            for (row, metric) in zip(found.metrics, message.payload.metrics) {
                // Of a metric without name or type, pysparkplug says those of its birth.
                let name = try #require(row.name)
                if let dataType = metric.dataType { types[name] = dataType }
                #expect(metric.name == nil || metric.name == name)
                #expect(row.datatype == types[name]?.rawValue, "\(name)")
                try expect(row, is: metric, as: types[name] ?? .unknown)
            }
        }
    }

    private func expect(_ row: Table.Row, is metric: Metric, as type: DataType) throws {
        let name = row.name ?? "\(metric.alias ?? 0)"
        #expect(row.alias == metric.alias, "\(name)")
        #expect(row.timestamp == metric.timestamp?.milliseconds, "\(name)")
        #expect(row.historical == metric.isHistorical, "\(name)")
        #expect(row.isNull == (metric.content == .null), "\(name)")
        let value: Value? = if case .value(let scalar) = metric.content { scalar.value(as: type) } else { nil }
        switch value {
        case .double(let number): #expect(row.value.flatMap(Double.init) == number, "\(name)")
        case .bool(let value): #expect(row.value == "\(value)", "\(name)")
        case .int(let number): #expect(row.value == "\(number)", "\(name)")
        case .uint(let number): #expect(row.value == "\(number)", "\(name)")
        case .string(let text): #expect(row.value == text, "\(name)")
        case nil: #expect(row.value == nil, "\(name)")
        }
        guard let properties = row.properties else { return }
        #expect(properties.count == metric.properties.count)
        for property in metric.properties {
            let cells: [String] =
                switch property.value {
                case .int(let number): ["int_value", "\(number)"]
                case .double(let number): ["double_value", "\(number)"]
                case .string(let text): ["string_value", text]
                default: []
                }
            let expected = ["\(property.type.rawValue)"] + cells
            #expect(properties[property.name] == expected.map(Table.Word.init), "\(name), \(property.name)")
        }
    }

    @Test("has commands and states that are read as what they were meant to say")
    func writes() throws {
        let rows = Table.cells("write")
        #expect(rows.map { $0[1] } == ["DCMD with types", "DCMD", "NCMD", "STATE", "STATE"])
        for cells in rows {
            let (bytes, json) = (Self.bytes(cells[2]), Data(cells[3].utf8))
            if cells[1] == "STATE" {
                let isOnline = try JSONDecoder().decode([Bool].self, from: json)
                #expect(try HostState(decoding: bytes) == HostState(isOnline: isOnline[0], timestamp: noon))
                continue
            }
            let payload = try Payload(decoding: bytes)
            let metrics = try JSONDecoder().decode([Table.Row].self, from: json)
            #expect(payload.timestamp == noon && payload.seq == nil)
            try #require(payload.metrics.count == metrics.count)
            for (metric, row) in zip(payload.metrics, metrics) {
                #expect(metric.name == row.name)
                #expect(metric.dataType?.rawValue == (cells[1] == "DCMD" ? nil : row.datatype))
                var meant = row.isNull ? nil : row
                if row.value == nil { meant = nil }
                #expect((metric.content == .null) == (meant == nil))
                guard meant != nil else { continue }
                try expect(row, is: metric, as: try #require(DataType(rawValue: row.datatype)))
            }
        }
    }

    @Test("asks an edge node for a rebirth that it grants")
    func rebirth() throws {
        let row = try #require(Table.cells("write").first { $0[1] == "NCMD" })
        var node = try EdgeNode.connected()
        let message = EdgeNode.Event.message(
            topic: "spBv1.0/Xinzhuang/NCMD/gateway", payload: Self.bytes(row[2]), isRetained: false)
        #expect(node.hear(message, at: after(10)).words == ["NBIRTH", "DBIRTH well", "DBIRTH meter"])
    }

    @Test("is still what pysparkplug says", .enabled("a long test, where python3 has pysparkplug") { await Self.canRun() })
    func stillSo() async throws {
        let script = Table.folder.appending(path: "table.py").path
        let result = try await run(.name("python3"), arguments: [script], output: .string(limit: 1 << 20), error: .discarded)
        let printed = result.standardOutput.split(separator: "\n").map(String.init)
        #expect(Array(printed.dropFirst()) == Array(Table.lines.dropFirst()), "\(printed.first ?? "nothing")")
    }

    private static func canRun() async -> Bool {
        guard ProcessInfo.processInfo.environment["HEADGATE_LONG"] != nil else { return false }
        let result = try? await run(
            .name("python3"), arguments: ["-c", "import pysparkplug"], output: .discarded, error: .discarded)
        return result?.terminationStatus.isSuccess == true
    }
}

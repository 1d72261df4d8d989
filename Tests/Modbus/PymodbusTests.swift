import Foundation
import Subprocess
import SystemPackage
import Testing

@testable import Modbus

/// What pymodbus, which nobody here wrote, makes of a value: a row of `pymodbus/table.txt`.
struct PymodbusRow: Sendable, CustomTestStringConvertible {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "pymodbus")
    static let lines = ((try? String(contentsOf: folder.appending(path: "table.txt"), encoding: .utf8)) ?? "")
        .split(separator: "\n").map(String.init)
    static let all = lines.filter { !$0.hasPrefix("#") }.compactMap(PymodbusRow.init)

    let type: String
    let order: WordOrder
    let value: String
    /// nil: pymodbus refuses.
    let registers: [UInt16]?

    var testDescription: String { "\(type) \(order.rawValue) \(value)" }

    init?(_ line: String) {
        let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard cells.count == 4, let order = WordOrder(rawValue: cells[1]) else { return nil }
        type = cells[0]
        self.order = order
        value = cells[2]
        let words = cells[3].split(separator: " ").compactMap { UInt16($0, radix: 16) }
        registers = cells[3] == "refused" ? nil : words
    }

    /// nil for a whole number that is beyond 64 bits, which we cannot even be asked to write.
    var raw: RawValue? {
        if let whole = Int64(value) { return .int(whole) }
        if let whole = UInt64(value) { return .uint(whole) }
        let isWholeNumber = !value.contains { $0 == "." || $0 == "e" || $0 == "n" }
        return isWholeNumber ? nil : Double(value).map { .double($0) }
    }
}

@Suite("The table of pymodbus")
struct PymodbusTests {
    private static let numbers = PymodbusRow.all.filter { $0.type != "string" }

    @Test("covers every type it has in every order, with the values at their edges")
    func covers() throws {
        #expect(PymodbusRow.lines.count == PymodbusRow.all.count + 1, "a row that cannot be read")
        #expect(try #require(PymodbusRow.lines.first).hasPrefix("# pymodbus 3."))
        for type in RegisterType.allCases where ![.bool, .bcd16, .bcd32].contains(type) {
            for order in WordOrder.allCases {
                let values = Self.numbers.filter { $0.type == type.rawValue && $0.order == order }.map(\.value)
                let zero = type.isWhole ? ["0", "-1", "1"] : ["0.0", "-1.0", "1.0", "-0.0"]
                #expect(Set(values).isSuperset(of: zero + ["nan", "inf", "-inf"]), "\(type) \(order)")
                #expect(values.count >= 10)
            }
        }
    }

    @Test("holds in both directions for numbers")
    func holds() throws {
        for row in Self.numbers {
            let type = try #require(RegisterType(rawValue: row.type))
            let codec = RegisterCodec(type, order: row.order)
            guard let registers = row.registers else {
                if let raw = row.raw { #expect(throws: ModbusError.self, "\(row.testDescription)") { try codec.encode(raw) } }
                continue
            }
            let raw = try #require(row.raw, "\(row.testDescription)")
            #expect(try codec.encode(raw) == registers, "\(row.testDescription)")
            let read = try #require(codec.decode(registers))
            switch (type, raw) {
            case (.float32, .double(let number)): Self.expect(read, is: Double(Float(number)), row)
            case (_, .double(let number)): Self.expect(read, is: number, row)
            default:
                #expect(read.whole(Int64.self) == raw.whole(Int64.self), "\(row.testDescription)")
                #expect(read.whole(UInt64.self) == raw.whole(UInt64.self), "\(row.testDescription)")
            }
        }
    }

    @Test("holds in both directions for text")
    func text() throws {
        let rows = PymodbusRow.all.filter { $0.type == "string" }
        #expect(rows.count >= 10)
        for row in rows {
            let text = try JSONDecoder().decode(String.self, from: Data(row.value.utf8))
            let codec = try #require(TextCodec(length: text.utf8.count, encoding: .utf8, order: row.order))
            let registers = try #require(row.registers)
            #expect(try codec.encode(text) == registers, "\(row.testDescription)")
            #expect(codec.decode(registers) == text, "\(row.testDescription)")
        }
    }

    /// The python3 that `./test` gave pymodbus, or the system's.
    private static let python =
        ProcessInfo.processInfo.environment["HEADGATE_PYTHON"].map { Executable.path(FilePath($0)) } ?? .name("python3")

    @Test("is still what pymodbus says", .enabled("needs a python3 that has pymodbus; ./test makes one") { await Self.canRun() })
    func stillSo() async throws {
        let script = PymodbusRow.folder.appending(path: "table.py").path
        let result = try await run(
            Self.python, arguments: [script], output: .string(limit: 1 << 20), error: .discarded)
        let printed = result.standardOutput.split(separator: "\n").map(String.init)
        #expect(Array(printed.dropFirst()) == Array(PymodbusRow.lines.dropFirst()), "\(printed.first ?? "nothing")")
    }

    private static func canRun() async -> Bool {
        let result = try? await run(python, arguments: ["-c", "import pymodbus"], output: .discarded, error: .discarded)
        return result?.terminationStatus.isSuccess == true
    }

    /// Bit for bit, but that one NaN is as good as another.
    private static func expect(_ read: RawValue, is number: Double, _ row: PymodbusRow) {
        guard case .double(let actual) = read else {
            Issue.record("\(row.testDescription) reads as \(read)")
            return
        }
        #expect(
            actual.isNaN == number.isNaN && (number.isNaN || actual.bitPattern == number.bitPattern), "\(row.testDescription)")
    }
}

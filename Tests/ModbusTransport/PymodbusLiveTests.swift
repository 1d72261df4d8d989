import Foundation
import Modbus
import ModbusTransport
import Subprocess
import Synchronization
import Testing

/// A value that pymodbus can lay out in registers: a row of `Tests/Modbus/pymodbus/table.txt`.
private struct Row {
    enum Codec {
        case number(RegisterCodec)
        case text(TextCodec)
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Modbus/pymodbus")
    static let all = ((try? String(contentsOf: folder.appending(path: "table.txt"), encoding: .utf8)) ?? "")
        .split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.hasSuffix("refused") }.compactMap { Row(String($0)) }
    /// From here on is what the asking end writes; before is what the serving end holds from the start.
    static let half: UInt16 = 4096

    let words: String
    let codec: Codec
    /// In our codec's registers.
    let registers: [UInt16]

    init?(_ line: String) {
        let cells = line.split(separator: "\t").map(String.init)
        guard cells.count == 4, let order = WordOrder(rawValue: cells[1]) else { return nil }
        words = cells[0...2].joined(separator: " ")
        if cells[0] == "string" {
            guard let text = try? JSONDecoder().decode(String.self, from: Data(cells[2].utf8)),
                let codec = TextCodec(length: text.utf8.count, encoding: .utf8, order: order),
                let registers = try? codec.encode(text)
            else { return nil }
            self.codec = .text(codec)
            self.registers = registers
        } else {
            guard let type = RegisterType(rawValue: cells[0]), let raw = Self.raw(cells[2]),
                let registers = try? RegisterCodec(type, order: order).encode(raw)
            else { return nil }
            codec = .number(RegisterCodec(type, order: order))
            self.registers = registers
        }
    }

    private static func raw(_ text: String) -> RawValue? {
        if let whole = Int64(text) { return .int(whole) }
        return UInt64(text).map { .uint($0) } ?? Double(text).map { .double($0) }
    }

    var count: UInt16 { UInt16(registers.count) }

    /// Whether these registers mean the row's value: all bits of it, but that one NaN is as good as another.
    func isHeld(in read: [UInt16]) -> Bool {
        switch codec {
        case .text(let codec): return codec.decode(read) == codec.decode(registers)
        case .number(let codec):
            if case .double(let a)? = codec.decode(read), case .double(let b)? = codec.decode(registers), a.isNaN, b.isNaN { return true }
            return read == registers
        }
    }
}

@Suite("Every value of the table, with pymodbus at the other end", .timeLimit(.minutes(1)))
struct PymodbusLiveTests {
    @Test("is in the table, of every type in every order, and can be laid out by us")
    func table() {
        #expect(Row.all.count > 250 && Row.all.count * 8 <= Int(Row.half))
        for type in ["int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"] {
            for order in WordOrder.allCases {
                #expect(Row.all.count { $0.words.hasPrefix("\(type) \(order.rawValue)") } >= 5, "\(type) \(order)")
            }
        }
    }

    @Test(
        "is read from pymodbus as it holds it, and held by pymodbus as we write it",
        .enabled("needs a python3 that has pymodbus; ./test makes one") { await Outsider.hasPymodbus() }, arguments: ["socket", "rtu"])
    func served(framing: String) async throws {
        _ = try await run(
            Outsider.python, arguments: ["\(Row.folder.path)/live.py", "serve", framing], input: .inputWriter, output: .sequence,
            error: .currentStandardError
        ) { process in
            let input = process.standardInputWriter
            var lines = process.standardOutput.strings().makeAsyncIterator()
            let said = try await lines.next()
            let port = try #require(said.flatMap { Int($0) })
            let link = framing == "rtu" ? try await LinkBench(rtuPort: port) : try await LinkBench(port: port)
            link.connect()
            #expect(await link.state() == .connected)
            for (index, row) in Row.all.enumerated() {
                let address = UInt16(index * 8)
                guard case .success(.registers(let read)) = await link.ask(.read(.holding, address: address, count: row.count)) else {
                    Issue.record("\(row.words): no answer")
                    continue
                }
                #expect(row.isHeld(in: read), "\(row.words): \(read)")
                let place = Row.half + address
                let isShort = row.count == 1
                let write: Request =
                    isShort ? .writeRegister(address: place, row.registers[0]) : .writeRegisters(address: place, row.registers)
                #expect(await link.ask(write) == .success(.written), "\(row.words)")
            }
            link.close()
            _ = try await input.write("judge\n")
            try await input.finish()
            #expect(try await lines.next() == "\(Row.all.count) right")
        }
    }

    @Test(
        "is read by pymodbus as we serve it, and taken from pymodbus as it writes it",
        .enabled("needs a python3 that has pymodbus; ./test makes one") { await Outsider.hasPymodbus() }, arguments: ["socket", "rtu"])
    func asked(framing: String) async throws {
        let bank = Mutex(RegisterBank())
        bank.withLock { bank in
            bank.set(.holding, 0, Array(repeating: 0, count: Int(Row.half) * 2))
            for (index, row) in Row.all.enumerated() { bank.set(.holding, UInt16(index * 8), row.registers) }
        }
        let server = ModbusServer { _, pdu in .pdu(bank.withLock { $0.answer(pdu) }) }
        defer { server.stop() }
        let port = framing == "rtu" ? try server.serveRTUOverTCP() : try server.serveTCP()
        let result = try await run(
            Outsider.python, arguments: ["\(Row.folder.path)/live.py", "ask", framing, "\(port)"], output: .string(limit: 1 << 16),
            error: .currentStandardError)
        #expect(result.terminationStatus.isSuccess)
        #expect(result.standardOutput == "\(Row.all.count) right\n")
        for (index, row) in Row.all.enumerated() {
            let start = Row.half + UInt16(index * 8)
            let held = (start..<start + row.count).compactMap { place in bank.withLock { $0[.holding, place] } }
            #expect(row.isHeld(in: held), "\(row.words): \(held)")
        }
    }
}

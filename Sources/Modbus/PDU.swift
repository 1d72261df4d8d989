/// Protocol data units, Modbus Application Protocol V1.1b3, §4.1: what is the same on a serial line and over TCP.
package enum PDU {
    /// The largest PDU, §4.1: 256 bytes of a serial frame less the unit and two bytes of check sum.
    package static let maximumLength = 253

    /// Judges what came back. Throws `.exception` if the device refused, and `.malformed` if this cannot be its answer to
    /// the request: then nothing in it may be believed.
    package static func response(_ bytes: some Collection<UInt8>, to request: Request) throws(ModbusError) -> Response {
        try response(Array(bytes), to: request)
    }

    package static func response(_ bytes: [UInt8], to request: Request) throws(ModbusError) -> Response {
        var reader = ByteReader(bytes)
        guard let function = reader.byte() else { throw .malformed("an empty answer") }
        if function == request.functionCode | 0x80 {
            guard let code = reader.byte(), reader.left == 0 else {
                throw .malformed("an exception of \(bytes.count) bytes instead of 2")
            }
            throw .exception(code)
        }
        guard function == request.functionCode else {
            throw .malformed("function \(function) in answer to \(request.functionCode)")
        }
        switch request {
        case .read(let table, _, let count):
            return try values(&reader, of: table, count: Int(count))
        case .writeCoil, .writeRegister, .maskWrite:
            guard bytes == (try? request.encode()) else { throw .malformed("the echo of a write differs from it") }
            return .written
        case .writeCoils, .writeRegisters:
            guard reader.left == 4, reader.word() == request.address, let count = reader.word(), Int(count) == request.count
            else {
                throw .malformed("the echo of a write differs from it")
            }
            return .written
        }
    }

    private static func values(_ reader: inout ByteReader, of table: Table, count: Int) throws(ModbusError) -> Response {
        let expected = table.isBits ? Bits.bytes(for: count) : count * 2
        guard let announced = reader.byte(), Int(announced) == expected, reader.left == expected else {
            throw .malformed("\(reader.left) bytes of data instead of \(expected) for \(count) \(table.plural)")
        }
        let response = table.isBits ? reader.bits(count).map(Response.bits) : reader.words(count).map(Response.registers)
        guard let response else { throw .malformed("too few bytes for \(count) \(table.plural)") }
        return response
    }

    /// What a server was asked. Throws the `.exception` to answer with (§7: 1 for a function not served here, 3 for a
    /// quantity or length that cannot be, 2 for a range past the last address), or `.malformed` where there is no function.
    package static func request(_ bytes: some Collection<UInt8>) throws(ModbusError) -> Request {
        let bytes = Array(bytes)
        var reader = ByteReader(bytes)
        guard let function = reader.byte() else { throw .malformed("an empty request") }
        let request = try parse(function, &reader)
        guard reader.left == 0 else { throw .illegalValue }
        let limit = request.isWrite ? request.table.maximumWrite : request.table.maximumRead
        guard (1...limit).contains(request.count) else { throw .illegalValue }
        guard Int(request.address) + request.count <= 65536 else { throw .illegalAddress }
        return request
    }

    private static func parse(_ function: UInt8, _ reader: inout ByteReader) throws(ModbusError) -> Request {
        let reads = Table.allCases.first { $0.readFunction == function }
        guard reads != nil || [5, 6, 15, 16, 22].contains(function) else { throw .illegalFunction }
        guard let address = reader.word(), let second = reader.word() else { throw .illegalValue }
        if let reads { return .read(reads, address: address, count: second) }
        switch function {
        case 5:
            guard second == 0 || second == 0xFF00 else { throw .illegalValue }
            return .writeCoil(address: address, second == 0xFF00)
        case 6:
            return .writeRegister(address: address, second)
        case 15:
            guard let length = reader.byte(), Int(length) == Bits.bytes(for: Int(second)), let values = reader.bits(Int(second))
            else { throw .illegalValue }
            return .writeCoils(address: address, values)
        case 16:
            guard let length = reader.byte(), Int(length) == Int(second) * 2, let values = reader.words(Int(second))
            else { throw .illegalValue }
            return .writeRegisters(address: address, values)
        default:
            guard let or = reader.word() else { throw .illegalValue }
            return .maskWrite(address: address, and: second, or: or)
        }
    }

    /// A server's answer. A response that does not suit its request is our own mistake, answered as the device's failure.
    package static func encode(_ response: Response, to request: Request) -> [UInt8] {
        switch (response, request) {
        case (.bits(let values), .read(let table, _, let count)) where table.isBits && values.count == Int(count):
            let packed = Bits.pack(values)
            return [request.functionCode, UInt8(truncatingIfNeeded: packed.count)] + packed
        case (.registers(let values), .read(let table, _, let count)) where !table.isBits && values.count == Int(count):
            var bytes = [request.functionCode, UInt8(truncatingIfNeeded: values.count * 2)]
            bytes.reserveCapacity(2 + values.count * 2)
            for value in values { bytes.append(word: value) }
            return bytes
        case (.written, .writeCoil), (.written, .writeRegister), (.written, .maskWrite):
            return (try? request.encode()) ?? exception(4, to: request.functionCode)
        case (.written, .writeCoils), (.written, .writeRegisters):
            var bytes = [request.functionCode]
            bytes.append(word: request.address)
            bytes.append(word: UInt16(truncatingIfNeeded: request.count))
            return bytes
        default:
            return exception(4, to: request.functionCode)
        }
    }

    package static func exception(_ code: UInt8, to function: UInt8) -> [UInt8] { [function | 0x80, code] }
}

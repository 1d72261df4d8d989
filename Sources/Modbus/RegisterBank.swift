/// A server's image of one unit: what is in its four tables, and the answers that follow. An address that holds nothing is
/// not served, and is refused with exception 2.
package struct RegisterBank: Hashable, Sendable {
    /// What a client wrote. Coils are 1 or 0.
    package struct Write: Hashable, Sendable {
        package let table: Table
        package let address: UInt16
        package let values: [UInt16]

        package init(table: Table, address: UInt16, values: [UInt16]) {
            self.table = table
            self.address = address
            self.values = values
        }
    }

    /// More than this many unseen writes and the oldest are forgotten; the tables hold their effect all the same.
    package static let maximumWrites = 1024

    private var coils: [UInt16: UInt16] = [:]
    private var discretes: [UInt16: UInt16] = [:]
    private var inputs: [UInt16: UInt16] = [:]
    private var holdings: [UInt16: UInt16] = [:]
    /// What clients wrote since `takeWrites`, oldest first.
    package private(set) var writes: [Write] = []

    package init() {}

    /// What is at an address, bits as 1 or 0; nil where nothing is served. Any number but zero sets a bit.
    package subscript(table: Table, address: UInt16) -> UInt16? {
        get { self[table][address] }
        set { self[table][address] = newValue.map { table.isBits ? min($0, 1) : $0 } }
    }

    /// Serves a run of bits or registers, from an address on. What would lie past 65535 is left out.
    package mutating func set(_ table: Table, _ address: UInt16, _ values: some Sequence<UInt16>) {
        for (place, value) in zip(Int(address)...65535, values) { self[table, UInt16(truncatingIfNeeded: place)] = value }
    }

    /// Serves one bit.
    package mutating func set(_ table: Table, _ address: UInt16, _ flag: Bool) { self[table, address] = flag ? 1 : 0 }

    /// Serves one number, laid out by a codec. Throws `.unservable` if it does not fit.
    package mutating func set(
        _ table: Table, _ address: UInt16, _ value: RawValue, as codec: RegisterCodec
    ) throws(ModbusError) {
        set(table, address, try codec.encode(value))
    }

    /// Whether a bit is set; nil where nothing is served.
    package func flag(_ table: Table, _ address: UInt16) -> Bool? { self[table, address].map { $0 != 0 } }

    /// The number at an address; nil unless all its registers are served.
    package func value(_ table: Table, _ address: UInt16, as codec: RegisterCodec) -> RawValue? {
        run(table, address, codec.registerCount).flatMap { codec.decode($0) }
    }

    /// A client's request, done and answered as V1.1b3 says: exception 1 for a function not served, 3 for a quantity or
    /// length that cannot be, 2 for an address that holds nothing. A write is done whole or not at all.
    package mutating func answer(_ pdu: some Collection<UInt8>) -> [UInt8] {
        let function = pdu.first ?? 0
        do {
            let request = try PDU.request(pdu)
            return PDU.encode(try perform(request), to: request)
        } catch {
            guard case .exception(let code) = error else { return PDU.exception(3, to: function) }
            return PDU.exception(code, to: function)
        }
    }

    /// As `answer`, for a request already read.
    package mutating func perform(_ request: Request) throws(ModbusError) -> Response {
        guard let held = run(request.table, request.address, request.count) else { throw .illegalAddress }
        switch request {
        case .read(let table, _, _):
            return table.isBits ? .bits(held.map { $0 != 0 }) : .registers(held)
        case .writeCoil(_, let value): write(request, [value ? 1 : 0])
        case .writeRegister(_, let value): write(request, [value])
        case .writeCoils(_, let values): write(request, values.map { $0 ? 1 : 0 })
        case .writeRegisters(_, let values): write(request, values)
        case .maskWrite(_, let and, let or): write(request, held.map { $0 & and | or & ~and })
        }
        return .written
    }

    /// What clients wrote since this was last asked, oldest first.
    package mutating func takeWrites() -> [Write] {
        defer { writes.removeAll() }
        return writes
    }

    private mutating func write(_ request: Request, _ values: [UInt16]) {
        set(request.table, request.address, values)
        if writes.count >= Self.maximumWrites { writes.removeFirst() }
        writes.append(Write(table: request.table, address: request.address, values: values))
    }

    private func run(_ table: Table, _ address: UInt16, _ count: Int) -> [UInt16]? {
        guard count > 0, Int(address) + count <= 65536 else { return nil }
        let cells = self[table]
        var values: [UInt16] = []
        values.reserveCapacity(count)
        for offset in 0..<count {
            guard let value = cells[address &+ UInt16(truncatingIfNeeded: offset)] else { return nil }
            values.append(value)
        }
        return values
    }

    private subscript(table: Table) -> [UInt16: UInt16] {
        get {
            switch table {
            case .coil: coils
            case .discrete: discretes
            case .input: inputs
            case .holding: holdings
            }
        }
        _modify {
            switch table {
            case .coil: yield &coils
            case .discrete: yield &discretes
            case .input: yield &inputs
            case .holding: yield &holdings
            }
        }
    }
}

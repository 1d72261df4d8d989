/// What a client asks of one unit. Addresses count from zero, as on the wire.
package enum Request: Hashable, Sendable {
    /// Functions 01 to 04.
    case read(Table, address: UInt16, count: UInt16)
    /// Function 05.
    case writeCoil(address: UInt16, Bool)
    /// Function 06.
    case writeRegister(address: UInt16, UInt16)
    /// Function 15.
    case writeCoils(address: UInt16, [Bool])
    /// Function 16.
    case writeRegisters(address: UInt16, [UInt16])
    /// Function 22: the register becomes `(register & and) | (or & ~and)`.
    case maskWrite(address: UInt16, and: UInt16, or: UInt16)

    package var functionCode: UInt8 {
        switch self {
        case .read(let table, _, _): table.readFunction
        case .writeCoil: 5
        case .writeRegister: 6
        case .writeCoils: 15
        case .writeRegisters: 16
        case .maskWrite: 22
        }
    }

    package var table: Table {
        switch self {
        case .read(let table, _, _): table
        case .writeCoil, .writeCoils: .coil
        case .writeRegister, .writeRegisters, .maskWrite: .holding
        }
    }

    package var address: UInt16 {
        switch self {
        case .read(_, let address, _), .writeCoil(let address, _), .writeRegister(let address, _), .writeCoils(let address, _),
            .writeRegisters(let address, _), .maskWrite(let address, _, _):
            address
        }
    }

    /// How many values are read or written.
    package var count: Int {
        switch self {
        case .read(_, _, let count): Int(count)
        case .writeCoil, .writeRegister, .maskWrite: 1
        case .writeCoils(_, let values): values.count
        case .writeRegisters(_, let values): values.count
        }
    }

    package var isWrite: Bool {
        if case .read = self { false } else { true }
    }

    /// The request as a protocol data unit: function code and data, without unit, header or check sum.
    /// Throws `.unservable` for what the protocol's limits forbid, before a device has to.
    package func encode() throws(ModbusError) -> [UInt8] {
        try check()
        switch self {
        case .read(_, let address, let count): return pdu(address, count)
        case .writeCoil(let address, let value): return pdu(address, value ? 0xFF00 : 0)
        case .writeRegister(let address, let value): return pdu(address, value)
        case .maskWrite(let address, let and, let or): return pdu(address, and, or)
        case .writeCoils(let address, let values):
            let packed = Bits.pack(values)
            return pdu(address, UInt16(values.count), room: packed.count + 1) + [UInt8(packed.count)] + packed
        case .writeRegisters(let address, let values):
            var bytes = pdu(address, UInt16(values.count), room: values.count * 2 + 1)
            bytes.append(UInt8(values.count * 2))
            for value in values { bytes.append(word: value) }
            return bytes
        }
    }

    /// After this, the count fits in the PDU and the range in the address space.
    private func check() throws(ModbusError) {
        let limit = isWrite ? table.maximumWrite : table.maximumRead
        guard (1...max(limit, 1)).contains(count) else {
            throw .unservable("\(count) \(table.plural) in one request, which carries 1 to \(limit)")
        }
        guard Int(address) + count <= 65536 else {
            throw .unservable("\(count) \(table.plural) from \(address) run past the last address, 65535")
        }
    }

    private func pdu(_ words: UInt16..., room: Int = 0) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1 + words.count * 2 + room)
        bytes.append(functionCode)
        for word in words { bytes.append(word: word) }
        return bytes
    }
}

/// What a unit answers when it does as asked.
package enum Response: Hashable, Sendable {
    /// Exactly as many as were asked for.
    case bits([Bool])
    /// Exactly as many as were asked for.
    case registers([UInt16])
    /// The write was done, by the device's word; its echo matched the request.
    case written
}

/// One message of Modbus TCP: the seven bytes of the MBAP header, then the PDU.
///
/// Modbus Messaging on TCP/IP Implementation Guide V1.0b, §3.1.3.
package struct MBAPFrame: Hashable, Sendable {
    package let transaction: UInt16
    package let unit: UnitID
    package let pdu: [UInt8]

    package init(transaction: UInt16, unit: UnitID, pdu: [UInt8]) {
        self.transaction = transaction
        self.unit = unit
        self.pdu = pdu
    }

    /// - Precondition: the PDU has 1 to 253 bytes.
    package func encode() -> [UInt8] {
        precondition((1...PDU.maximumLength).contains(pdu.count), "a PDU has 1 to 253 bytes")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(7 + pdu.count)
        bytes.append(word: transaction)
        bytes.append(word: 0)
        bytes.append(word: UInt16(pdu.count + 1))
        bytes.append(unit.rawValue)
        bytes.append(contentsOf: pdu)
        return bytes
    }
}

/// Cuts a TCP stream into frames, however the network has cut it into pieces.
package struct MBAPDecoder: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0
    private var failure: ModbusError?

    package init() {}

    package mutating func append(_ more: some Sequence<UInt8>) {
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            start = 0
        } else if start > 4096 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// The next whole frame, nil until it is all here. Throws, from then on, once the header cannot be one: nobody knows
    /// any more where a frame begins, and the connection is of no further use.
    package mutating func next() throws(ModbusError) -> MBAPFrame? {
        if let failure { throw failure }
        guard bytes.count - start >= 6 else { return nil }
        let length = Int(word(at: 4))
        if word(at: 2) != 0 { throw desync("protocol \(word(at: 2)) in a Modbus TCP header instead of 0") }
        if !(2...PDU.maximumLength + 1).contains(length) { throw desync("a length of \(length) in a Modbus TCP header") }
        guard bytes.count - start >= 6 + length else { return nil }
        let body = start + 6
        let frame = MBAPFrame(
            transaction: word(at: 0), unit: UnitID(bytes[body]), pdu: Array(bytes[(body + 1)..<(body + length)]))
        start = body + length
        return frame
    }

    /// - Precondition: six bytes of header are here.
    private func word(at offset: Int) -> UInt16 {
        UInt16(bytes[start + offset]) << 8 | UInt16(bytes[start + offset + 1])
    }

    private mutating func desync(_ what: String) -> ModbusError {
        failure = .malformed(what)
        bytes = []
        start = 0
        return .malformed(what)
    }
}

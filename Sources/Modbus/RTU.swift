/// One message of a serial line: the unit, the PDU, and a check sum over both.
///
/// Modbus over Serial Line V1.02, §2.5.1.
package struct RTUFrame: Hashable, Sendable {
    package let unit: UnitID
    package let pdu: [UInt8]

    package init(unit: UnitID, pdu: [UInt8]) {
        self.unit = unit
        self.pdu = pdu
    }

    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(pdu.count + 3)
        bytes.append(unit.rawValue)
        bytes.append(contentsOf: pdu)
        let sum = Self.checksum(bytes)
        bytes.append(UInt8(truncatingIfNeeded: sum))
        bytes.append(UInt8(truncatingIfNeeded: sum >> 8))
        return bytes
    }

    /// CRC-16 as §6.2.2 has it: reflected polynomial A001, started with all ones; its low byte is sent first.
    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(0xFFFF, checksum)
    }

    /// The check sum of some bytes and one more, from the sum of those before.
    static func checksum(_ sum: UInt16, _ byte: UInt8) -> UInt16 { sum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }

    private static let table: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xA001 : sum >> 1 }
    }
}

/// Finds a client's requests among the bytes a server hears on a serial line. A frame there ends with a silence; bytes that
/// were read late have lost theirs, so the length comes from the function code instead, and the caller says when a
/// silence was heard.
package struct RTURequestDecoder: Sendable {
    /// §2.5.1: unit, PDU and check sum.
    private static let maximumLength = 256
    private var bytes: [UInt8] = []

    package init() {}

    /// A silence: whatever was begun is over.
    package mutating func silence() { bytes.removeAll(keepingCapacity: true) }

    package mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// The next whole request whose check sum holds, nil if there is none yet. After a wrong sum, all that was heard is
    /// dropped: nobody knows where the next frame begins until the line falls silent.
    package mutating func next() -> RTUFrame? {
        guard let length = length() else {
            if bytes.count >= Self.maximumLength { silence() }
            return nil
        }
        guard bytes.count >= length else { return nil }
        let sum = RTUFrame.checksum(bytes.prefix(length - 2))
        guard let unit = bytes.first, UInt16(bytes[length - 2]) | UInt16(bytes[length - 1]) << 8 == sum else {
            silence()
            return nil
        }
        let frame = RTUFrame(unit: UnitID(unit), pdu: Array(bytes[1..<(length - 2)]))
        bytes.removeFirst(length)
        return frame
    }

    /// The length of the frame at the front, at least 4; nil while it cannot be told. A function not served here ends where
    /// its check sum holds.
    private func length() -> Int? {
        guard bytes.count >= 4 else { return nil }
        switch bytes[1] {
        case 1...6: return 8
        case 15, 16: return bytes.count >= 7 ? 9 + Int(bytes[6]) : nil
        case 22: return 10
        default:
            var sum = RTUFrame.checksum(bytes.prefix(1))
            for length in 4...min(bytes.count, Self.maximumLength) {
                sum = RTUFrame.checksum(sum, bytes[length - 3])
                if UInt16(bytes[length - 2]) | UInt16(bytes[length - 1]) << 8 == sum { return length }
            }
            return nil
        }
    }
}

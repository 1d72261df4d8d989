import Modbus

/// What was asked of whom: all that tells an answer from another in RTU frames, which carry no number.
struct RTUQuestion: Hashable {
    let request: Request
    let unit: UnitID

    /// What the frame answers, if it can be an answer to this at all.
    func answer(in frame: RTUFrame) -> Result<Response, ModbusError>? {
        guard frame.unit == unit else { return nil }
        do throws(ModbusError) {
            return .success(try PDU.response(frame.pdu, to: request))
        } catch {
            if case .exception = error { return .failure(error) }
            return nil
        }
    }
}

/// Finds answers among the bytes of a stream that has no frames of its own. Nothing before an answer can hide it: it is
/// looked for from every byte on, and known by its length, its check sum and the question it fits.
struct RTUAnswers {
    /// Modbus over Serial Line V1.02, §2.5.1.
    private static let longestFrame = 256
    private var bytes: [UInt8] = []
    /// A modem's sign of life, which may stand anywhere: between answers, and inside of one.
    private let heartbeat: [UInt8]

    init(heartbeat: [UInt8] = []) { self.heartbeat = heartbeat }

    /// Whether nothing is left but signs of life.
    var isEmpty: Bool { bytes.isEmpty || withoutHeartbeats().isEmpty }

    mutating func append(_ more: some Collection<UInt8>) {
        // Older bytes can no longer belong to an answer.
        if bytes.count > 2 * Self.longestFrame { bytes.removeFirst(bytes.count - Self.longestFrame) }
        bytes.append(contentsOf: more)
    }

    mutating func drop() { bytes.removeAll(keepingCapacity: true) }

    /// The first frame that is sound and fits; it is taken off, and so are the bytes before it.
    mutating func next(where fits: (RTUFrame) -> Bool) -> RTUFrame? {
        guard bytes.count >= 5 else { return nil }
        if let (frame, end) = Self.find(in: bytes, where: fits) {
            bytes.removeFirst(end)
            return frame
        }
        guard !heartbeat.isEmpty else { return nil }
        let plain = withoutHeartbeats()
        guard plain.count < bytes.count, let (frame, end) = Self.find(in: plain, where: fits) else { return nil }
        bytes = Array(plain[end...])
        return frame
    }

    /// What is wrong with what was heard instead of an answer; nil if nothing was.
    func fault(instead question: RTUQuestion) -> String? {
        let plain = withoutHeartbeats()
        guard !plain.isEmpty else { return nil }
        guard let (frame, _) = Self.find(in: plain, where: { _ in true }) else { return "noise, or half an answer" }
        guard frame.unit == question.unit else { return "unit \(frame.unit) answered for unit \(question.unit)" }
        do throws(ModbusError) {
            _ = try PDU.response(frame.pdu, to: question.request)
        } catch {
            if case .malformed(let what) = error { return what }
        }
        return "an answer to another question"
    }

    /// Whether an answer to this has come, but broken: then it is not to come any more.
    func hasBegun(_ question: RTUQuestion) -> Bool {
        let third: UInt8 =
            switch question.request {
            case .read(let table, _, let count):
                UInt8(truncatingIfNeeded: table.isBits ? (Int(count) + 7) / 8 : Int(count) * 2)
            default: UInt8(truncatingIfNeeded: question.request.address >> 8)
            }
        let head = [question.unit.rawValue, question.request.functionCode, third]
        return bytes.indices.contains { bytes[$0...].starts(with: head) }
    }

    private static func find(in bytes: [UInt8], where fits: (RTUFrame) -> Bool) -> (RTUFrame, end: Int)? {
        for start in bytes.indices {
            guard let length = length(of: bytes, from: start), bytes.count - start >= length else { continue }
            let end = start + length
            let sum = UInt16(bytes[end - 2]) | UInt16(bytes[end - 1]) << 8
            guard RTUFrame.checksum(bytes[start..<(end - 2)]) == sum else { continue }
            let frame = RTUFrame(unit: UnitID(bytes[start]), pdu: Array(bytes[(start + 1)..<(end - 2)]))
            if fits(frame) { return (frame, end) }
        }
        return nil
    }

    /// The length of the answer that begins here, if one does; at least 5.
    private static func length(of bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count - start >= 5 else { return nil }
        switch bytes[start + 1] {
        case 1...4:
            let length = 5 + Int(bytes[start + 2])
            return length <= longestFrame ? length : nil
        case 5, 6, 15, 16: return 8
        case 22: return 10
        case 0x81...: return 5
        default: return nil
        }
    }

    private func withoutHeartbeats() -> [UInt8] {
        guard !heartbeat.isEmpty, bytes.count >= heartbeat.count else { return bytes }
        var plain: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.first {
            if byte == heartbeat.first, rest.starts(with: heartbeat) {
                rest = rest.dropFirst(heartbeat.count)
            } else {
                plain.append(byte)
                rest = rest.dropFirst()
            }
        }
        return plain
    }
}

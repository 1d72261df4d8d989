import Modbus

/// What a fuzzer calls with bytes of its own: each reads them as the gateway would, and traps where a promise is broken.
package enum FuzzEntries {
    /// The first byte says how large the pieces are in which the rest arrives.
    package static func mbap(_ bytes: [UInt8]) {
        var decoder = MBAPDecoder()
        var read: [UInt8] = []
        for piece in pieces(bytes) {
            decoder.append(piece)
            while let frame = (try? decoder.next()) ?? nil { read += frame.encode() }
        }
        precondition(bytes.dropFirst().starts(with: read), "frames that were not in the stream")
    }

    /// A request that is understood means the same when it is written and read again; an answer that is, too.
    package static func pdu(_ bytes: [UInt8]) {
        if let request = try? PDU.request(bytes) {
            precondition((try? PDU.request((try? request.encode()) ?? [])) == request, "a request changed its meaning")
        }
        guard let question = question(bytes) else { return }
        let said = bytes.dropFirst(4)
        guard let response = try? PDU.response(said, to: question.request) else { return }
        let again = PDU.encode(response, to: question.request)
        precondition((try? PDU.response(again, to: question.request)) == response, "an answer changed its meaning")
    }

    /// A server's and a client's ends of a serial line hear the same: nothing is found whose check sum does not hold.
    package static func rtu(_ bytes: [UInt8]) {
        guard let question = question(bytes) else { return }
        let stream = Array(bytes.dropFirst(3))
        var requests = RTURequestDecoder()
        var answers = RTUAnswers(heartbeat: Array(stream.prefix(2)))
        for piece in pieces(stream) {
            requests.append(piece)
            while let frame = requests.next() { precondition((1...PDU.maximumLength).contains(frame.pdu.count), "no PDU") }
            answers.append(piece)
            while let frame = answers.next(where: { question.answer(in: $0) != nil }) {
                precondition(frame.unit == question.unit, "another unit's answer")
            }
            _ = answers.fault(instead: question)
        }
    }

    private static func question(_ bytes: [UInt8]) -> RTUQuestion? {
        guard bytes.count >= 4 else { return nil }
        let (kind, count, unit) = (bytes[0], UInt16(bytes[1]), UnitID(bytes[2]))
        let request: Request =
            switch kind % 8 {
            case 0: .writeCoil(address: count, kind > 127)
            case 1: .writeRegister(address: 7, count)
            case 2: .writeCoils(address: count, [true, false, true])
            case 3: .writeRegisters(address: count, [1, 2])
            case 4: .maskWrite(address: 1, and: count, or: 3)
            case 5: .read(.coil, address: 0, count: max(count, 1))
            case 6: .read(.input, address: 0, count: max(min(count, 125), 1))
            default: .read(.holding, address: 0, count: max(min(count, 125), 1))
            }
        return RTUQuestion(request: request, unit: unit)
    }

    private static func pieces(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        let size = Int(bytes.first ?? 0) % 16 + 1
        return stride(from: min(1, bytes.count), to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
    }
}

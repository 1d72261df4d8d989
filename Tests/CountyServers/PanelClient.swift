import Glibc
import Modbus

/// The barest Modbus TCP client: one request, one answer, on a socket of its own.
struct PanelClient: ~Copyable {
    private let descriptor: Int32

    init(port: Int) throws(ModbusError) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var timeout = timeval(tv_sec: 0, tv_usec: 400_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw .disconnected("refused") }
    }

    deinit { close(descriptor) }

    func perform(_ request: Request, unit: UInt8) throws(ModbusError) -> Response {
        let frame = MBAPFrame(transaction: 7, unit: UnitID(unit), pdu: try request.encode()).encode()
        _ = frame.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        var decoder = MBAPDecoder()
        var buffer = [UInt8](repeating: 0, count: 300)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { throw .timeout }
            decoder.append(buffer[..<count])
            if let answer = try decoder.next() { return try PDU.response(answer.pdu, to: request) }
        }
    }
}

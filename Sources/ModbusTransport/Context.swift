import CModbus
import Glibc
import Modbus

/// A libmodbus context that owns an open serial device.
@safe struct Context: ~Copyable {
    private let raw: OpaquePointer
    private let path: String

    init(
        opening path: String, baud: Int, parity: Parity, dataBits: Int, stopBits: Int
    ) throws(ModbusError) {
        guard let baud = Int32(exactly: baud), baud > 0, (5...8).contains(dataBits), (1...2).contains(stopBits) else {
            throw .unservable("\(baud) baud, \(dataBits) data bits and \(stopBits) stop bits")
        }
        guard let raw = unsafe modbus_new_rtu(path, baud, parity.letter, Int32(dataBits), Int32(stopBits)) else {
            throw Self.lastError(on: path)
        }
        guard unsafe modbus_connect(raw) == 0 else {
            let error = Self.lastError(on: path)
            unsafe modbus_free(raw)
            throw error
        }
        // libmodbus waits with select(), which has no place for a larger descriptor.
        guard unsafe modbus_get_socket(raw) < FD_SETSIZE else {
            unsafe modbus_close(raw)
            unsafe modbus_free(raw)
            throw .disconnected("\(path): too many open files")
        }
        // No time of its own between two bytes: the whole answer is bounded by the time given for it.
        unsafe modbus_set_byte_timeout(raw, 0, 0)
        unsafe modbus_set_error_recovery(raw, MODBUS_ERROR_RECOVERY_NONE)
        unsafe self.raw = raw
        self.path = path
    }

    deinit {
        unsafe modbus_close(raw)
        unsafe modbus_free(raw)
    }

    /// Sends a PDU to a unit, 0…247; libmodbus adds the check sum.
    func send(_ pdu: [UInt8], to unit: UnitID) throws(ModbusError) {
        let bytes = [unit.rawValue] + pdu
        guard unsafe modbus_set_slave(raw, Int32(unit.rawValue)) == 0,
            unsafe modbus_send_raw_request(raw, bytes, Int32(truncatingIfNeeded: bytes.count)) == bytes.count + 2
        else { throw Self.lastError(on: path) }
    }

    /// The PDU of the next answer of the unit last sent to; nil if another unit answered, which is then off the line.
    func receive(within time: Duration) throws(ModbusError) -> [UInt8]? {
        let (seconds, attoseconds) = max(time, .milliseconds(1)).components
        let microseconds = UInt32(clamping: attoseconds / 1_000_000_000_000)
        unsafe modbus_set_response_timeout(raw, UInt32(clamping: seconds), microseconds)
        var bytes = Self.untouched
        let count = unsafe modbus_receive_confirmation(raw, &bytes)
        guard count >= 0 else {
            let error = Self.lastError(on: path)
            // Of noise, libmodbus only says that time is up; but it left what it heard.
            if error == .timeout, bytes != Self.untouched { throw .malformed("noise, or half an answer") }
            throw error
        }
        return count < 4 ? nil : Array(bytes[1..<(Int(count) - 2)])
    }

    /// A pattern that no one sends, as large as libmodbus may fill.
    private static let untouched = (0..<260).map { UInt8(truncatingIfNeeded: 0xA5 &+ $0 * 37) }

    /// Drops what is heard until nothing is for so long. False if the line would not fall silent for twenty times that.
    func waitForSilence(milliseconds: Int32) throws(ModbusError) -> Bool {
        for _ in 0..<20 {
            var request = unsafe pollfd(fd: modbus_get_socket(raw), events: Int16(POLLIN), revents: 0)
            let count = unsafe poll(&request, 1, milliseconds)
            if count == 0 { return true }
            if count < 0 && errno != EINTR { throw Self.lastError(on: path) }
            if request.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { throw .disconnected("\(path): the device is gone") }
            unsafe modbus_flush(raw)
        }
        return false
    }

    /// What errno says, which nothing may have changed since.
    private static func lastError(on path: String) -> ModbusError {
        let code = errno
        if code == ETIMEDOUT { return .timeout }
        let words = unsafe String(cString: modbus_strerror(code))
        return code >= MODBUS_ENOBASE ? .malformed(words.lowercased()) : .disconnected("\(path): \(words.lowercased())")
    }
}

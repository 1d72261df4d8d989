import CModbus
import Glibc

/// libmodbus serving its own mapping on a pseudo-terminal, to be judged by someone we are not. One line, one thread.
final class LibmodbusLine: @unchecked Sendable {  // touched by its thread alone once that runs; the rest is set before
    private let context: OpaquePointer
    private let mapping: UnsafeMutablePointer<modbus_mapping_t>
    private let terminal: CInt
    let path: String

    init?(unit: UInt8) {
        var settings = termios()
        cfmakeraw(&settings)
        settings.c_cflag |= tcflag_t(CREAD | CLOCAL)
        var controller: CInt = -1
        var terminal: CInt = -1
        var name = [CChar](repeating: 0, count: 128)
        guard openpty(&controller, &terminal, nil, &settings, nil) == 0, ttyname_r(terminal, &name, name.count) == 0 else {
            return nil
        }
        path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.terminal = terminal
        guard let context = modbus_new_rtu(path, 115_200, CChar(UInt8(ascii: "N")), 8, 1),
            let mapping = modbus_mapping_new(200, 200, 200, 200)
        else { return nil }
        modbus_set_slave(context, CInt(unit))
        // The other end of the cable is no device that libmodbus could open by its path.
        modbus_set_socket(context, controller)
        self.context = context
        self.mapping = mapping
        for index in 0..<200 {
            mapping.pointee.tab_registers[index] = UInt16(index) * 7
            mapping.pointee.tab_input_registers[index] = UInt16(index) * 7
            mapping.pointee.tab_bits[index] = UInt8(index % 3 & 1)
            mapping.pointee.tab_input_bits[index] = UInt8(index % 3 & 1)
        }
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(self).toOpaque()
        pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<LibmodbusLine>.fromOpaque(argument).takeRetainedValue().serve() }
                return nil
            }, argument)
        pthread_detach(thread)
    }

    /// The cable is cut: the thread ends once the client has closed its end, too.
    func stop() { close(terminal) }

    private func serve() {
        var query = [UInt8](repeating: 0, count: Int(MODBUS_RTU_MAX_ADU_LENGTH))
        while true {
            let count = modbus_receive(context, &query)
            if count < 0, errno < MODBUS_ENOBASE { break }
            if count > 0 { modbus_reply(context, query, count, mapping) }
        }
        modbus_close(context)
        modbus_mapping_free(mapping)
        modbus_free(context)
    }
}

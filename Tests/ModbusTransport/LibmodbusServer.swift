import CModbus
import Glibc

/// libmodbus serving its own mapping over TCP, to be judged by someone we are not. One connection, one thread.
final class LibmodbusServer: @unchecked Sendable {  // touched by its thread alone once that runs; `port` is set before
    private let context: OpaquePointer
    private let mapping: UnsafeMutablePointer<modbus_mapping_t>
    private var listener: CInt
    let port: Int

    init?() {
        guard let context = modbus_new_tcp("127.0.0.1", 0), let mapping = modbus_mapping_new(200, 200, 200, 200) else {
            return nil
        }
        self.context = context
        self.mapping = mapping
        for index in 0..<200 {
            mapping.pointee.tab_registers[index] = UInt16(index) * 7
            mapping.pointee.tab_input_registers[index] = UInt16(index) * 7
            mapping.pointee.tab_bits[index] = UInt8(index % 3 & 1)
            mapping.pointee.tab_input_bits[index] = UInt8(index % 3 & 1)
        }
        listener = modbus_tcp_listen(context, 1)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let failure = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        guard listener >= 0, failure == 0 else { return nil }
        port = Int(address.sin_port.bigEndian)
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(self).toOpaque()
        pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<LibmodbusServer>.fromOpaque(argument).takeRetainedValue().serve() }
                return nil
            }, argument)
        pthread_detach(thread)
    }

    /// Until the client has gone.
    private func serve() {
        guard modbus_tcp_accept(context, &listener) >= 0 else { return }
        var query = [UInt8](repeating: 0, count: Int(MODBUS_TCP_MAX_ADU_LENGTH))
        while true {
            let count = modbus_receive(context, &query)
            if count < 0 { break }
            if count > 0 { modbus_reply(context, query, count, mapping) }
        }
        modbus_close(context)
        close(listener)
        modbus_mapping_free(mapping)
        modbus_free(context)
    }
}

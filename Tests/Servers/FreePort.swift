import Glibc

/// A TCP port of 127.0.0.1 that nobody listens on just now, for servers that cannot choose one themselves.
package func freePort() -> Int {
    let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(probe) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            _ = bind(probe, address, length)
            _ = getsockname(probe, address, &length)
        }
    }
    return Int(UInt16(bigEndian: address.sin_port))
}

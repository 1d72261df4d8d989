package import NIOCore

/// A client of one Modbus TCP server. Answers may come in any order.
package final class TCPLink: DialledLink {
    package init(host: String, port: Int, on loop: any EventLoop, connectTimeout: Duration) {
        super.init(host: host, port: port, on: loop, connectTimeout: connectTimeout) { RequestPipe(on: loop, onEnd: $0) }
    }
}

/// A client of RTU frames in a TCP stream, as serial servers in their transparent mode have it: a serial line with a network
/// in the middle. One request at a time; units are 1 to 255, and a write to unit 0 is for everybody.
package final class RTUOverTCPLink: DialledLink {
    package init(host: String, port: Int, on loop: any EventLoop, connectTimeout: Duration) {
        super.init(host: host, port: port, on: loop, connectTimeout: connectTimeout) { RTUPipe(on: loop, onEnd: $0) }
    }
}

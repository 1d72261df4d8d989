package import Modbus
import NIOCore

/// A client's link over a stream of bytes: one connection at a time, whoever dials and whatever the framing. Confined to one
/// event loop: every call is on it, and so is every call back. Close it before letting go of it.
package protocol StreamLink: AnyObject {
    /// Called on every change but the one a caller makes by `connect()`. The calls to `done` of all that was in flight come
    /// first.
    var onStateChange: ((LinkState) -> Void)? { get set }
    var isConnected: Bool { get }
    var statistics: LinkStatistics { get }

    /// Asks for a connection, once; the outcome comes through `onStateChange`. Does nothing while connecting or connected.
    func connect()

    /// Writes a request; `flush()` puts it on the wire, together with the others.
    ///
    /// `done` is called exactly once, on the loop, and never before this returns. Where the wire takes many requests at once
    /// the timeout counts from now; where it takes one, from when this one's turn comes.
    func send(
        _ request: Request, to unit: UnitID, timeout: Duration, done: @escaping (Result<Response, ModbusError>) -> Void)

    func flush()

    /// Ends the connection, or the attempt to make one. Everything in flight fails with `.disconnected` before this returns.
    func close()
}

/// The requests of one connection, in one framing. Lives as long as its connection does.
protocol Pipe: ChannelInboundHandler {
    typealias Done = (Result<Response, ModbusError>) -> Void

    var isOpen: Bool { get }
    var statistics: LinkStatistics { get }
    func send(_ request: Request, to unit: UnitID, timeout: Duration, done: @escaping Done)
    func flush()
    func close(_ reason: String)
}

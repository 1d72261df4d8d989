import Glibc
import NIOCore

/// What every connection's socket is told: send at once, and find out about a peer that went without a word. A modem that
/// loses its network says no goodbye; without this, its connection would look sound for hours.
enum Liveness {
    typealias Option = ChannelOptions.Types.SocketOption

    /// tcp(7): asked after 30 s of silence, three times; and what nobody acknowledged for 30 s is lost.
    static let options: [(option: Option, value: Option.Value)] = [
        (tcp(TCP_NODELAY), 1), (Option(level: .socket, name: .so_keepalive), 1), (tcp(TCP_KEEPIDLE), 30),
        (tcp(TCP_KEEPINTVL), 10), (tcp(TCP_KEEPCNT), 3), (tcp(TCP_USER_TIMEOUT), 30_000),
    ]

    private static func tcp(_ name: CInt) -> Option { Option(level: .tcp, name: NIOBSDSocket.Option(rawValue: name)) }
}

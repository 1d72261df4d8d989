import Glibc
import NIOCore
import NIOPosix

/// A network error as an operator would say it.
func words(for error: any Error) -> String {
    switch error {
    case let error as IOError: words(forErrno: error.errnoCode) ?? "\(error)"
    case let error as NIOConnectionError:
        error.connectionErrors.first.map { words(for: $0.error) } ?? "no such host: \(error.host)"
    case ChannelError.connectTimeout: "no connection in time"
    default: "\(error)"
    }
}

private func words(forErrno code: CInt) -> String? {
    switch code {
    case ECONNREFUSED: "connection refused"
    case ECONNRESET, EPIPE: "the device broke the connection"
    case EHOSTUNREACH: "no route to the host"
    case ENETUNREACH: "the network is unreachable"
    case ETIMEDOUT: "the network gave up"
    case EMFILE, ENFILE: "too many open files"
    case EADDRINUSE: "someone else listens there"
    case EADDRNOTAVAIL: "the address is not this machine's"
    case EACCES: "not allowed to listen there"
    default: nil
    }
}

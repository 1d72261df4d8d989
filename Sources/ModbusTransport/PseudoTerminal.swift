import CModbus
import Glibc
import Modbus
import Synchronization

/// A pair of a terminal, which a client opens as its serial device, and the controller behind it, which is the other end
/// of the cable.
final class PseudoTerminal: Sendable {
    let path: String
    private let linkPath: String?
    /// Held open, so that the cable outlives the client at its other end.
    private let terminal: CInt
    private let controller: Mutex<CInt?>

    init(linkPath: String?) throws(ModbusError) {
        // Bytes as they are: no echo, no line editing, no translation of ends of lines.
        var settings = termios()
        unsafe cfmakeraw(&settings)
        settings.c_cflag |= tcflag_t(CREAD | CLOCAL)
        var controller: CInt = -1
        var terminal: CInt = -1
        guard unsafe openpty(&controller, &terminal, nil, &settings, nil) == 0 else {
            throw .disconnected("no pseudo-terminal to be had")
        }
        for descriptor in [controller, terminal] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        guard let path = Self.path(of: terminal), Self.link(linkPath, to: path) else {
            Glibc.close(terminal)
            Glibc.close(controller)
            throw .disconnected("\(linkPath ?? "the name of a pseudo-terminal") cannot be made")
        }
        self.path = path
        self.linkPath = linkPath
        self.terminal = terminal
        self.controller = Mutex(controller)
    }

    /// The controller's descriptor; whoever takes it closes it. Asked once.
    func takeController() -> CInt {
        controller.withLock { controller in
            defer { controller = nil }
            return controller ?? -1
        }
    }

    func close() {
        if let linkPath { unsafe unlink(linkPath) }
        Glibc.close(terminal)
        let left = takeController()
        if left >= 0 { Glibc.close(left) }
    }

    private static func path(of terminal: CInt) -> String? {
        var name = [CChar](repeating: 0, count: 128)
        guard unsafe ttyname_r(terminal, &name, name.count) == 0 else { return nil }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func link(_ linkPath: String?, to path: String) -> Bool {
        guard let linkPath else { return true }
        unsafe unlink(linkPath)
        return unsafe symlink(path, linkPath) == 0
    }
}

/// How a DTU (a modem with a serial line behind it, which dials in) says who it is.
package enum DTUID: Hashable, Sendable, CustomStringConvertible {
    /// What it sends first on every connection, and perhaps again from time to time: text or any bytes, at least one.
    case packet([UInt8])
    /// The IP address it calls from, where that is its own.
    case address(String)

    /// As someone who looks for it would write it.
    package var description: String {
        switch self {
        case .packet(let bytes): Self.words(for: bytes)
        case .address(let address): address
        }
    }

    /// Bytes as their text if they have one, else as hexadecimal digits; the first 32.
    static func words(for bytes: [UInt8]) -> String {
        let end = bytes.count > 32 ? "…" : ""
        let shown = bytes.prefix(32)
        if shown.allSatisfy({ (0x20..<0x7F).contains($0) }) { return "'\(String(decoding: shown, as: UTF8.self))\(end)'" }
        return shown.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ") + end
    }
}

/// Why a DTU cannot have a link of its own on a port.
package enum DTURegistrationError: Error, Hashable, Sendable, CustomStringConvertible {
    case emptyPacket
    /// Another link of the port goes by this id.
    case taken(DTUID)

    package var description: String {
        switch self {
        case .emptyPacket: "a DTU's registration packet has at least one byte"
        case .taken(let id): "another link on this port has DTU \(id) already; give each link a DTU of its own"
        }
    }
}

/// A caller sent away.
package struct DTURefusal: Hashable, Sendable {
    package let address: String
    package let reason: String
}

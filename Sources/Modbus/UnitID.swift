/// Whom a request is for: the server address of a serial line (1…247; 0 is everybody), or behind a TCP gateway.
///
/// Modbus over Serial Line V1.02, §2.2. A TCP server that is no gateway is often 255, 1 or 0, and all eight bits go over
/// TCP as they are.
package struct UnitID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let rawValue: UInt8

    package init(_ rawValue: UInt8) { self.rawValue = rawValue }

    package static func < (a: UnitID, b: UnitID) -> Bool { a.rawValue < b.rawValue }

    package var description: String { String(rawValue) }
}

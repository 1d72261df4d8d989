/// What happened, in order: a fingerprint of all of it, and the last hundred in words.
package struct Chronicle: Sendable {
    package static let kept = 100

    package private(set) var count = 0
    /// FNV-1a, 64 bits (draft-eastlake-fnv), of every line and of the plants' state: the same seed gives the same number.
    package private(set) var fingerprint: UInt64 = 0xCBF2_9CE4_8422_2325
    private var ring: [String] = []

    mutating func note(_ text: String, at instant: Instant) {
        let line = "\(instant)  \(text)"
        for byte in line.utf8 { fingerprint = (fingerprint ^ UInt64(byte)) &* 0x100_0000_01B3 }
        count += 1
        if ring.count < Self.kept { ring.append(line) } else { ring[(count - 1) % Self.kept] = line }
    }

    /// What is no line of its own, but must be the same all the same.
    mutating func fold(_ bits: UInt64) { fingerprint = (fingerprint ^ bits) &* 0x100_0000_01B3 }

    /// The oldest first.
    package var last: [String] {
        guard ring.count == Self.kept else { return ring }
        let oldest = count % Self.kept
        return Array(ring[oldest...] + ring[..<oldest])
    }
}

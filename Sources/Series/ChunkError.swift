/// Why stored bytes cannot be read. All but `unknownFormat` mean damage: the rest of the store is fine.
package enum ChunkError: Error, Hashable, Sendable {
    /// Too short to hold even a header and a checksum.
    case truncated(bytes: Int)
    /// The checksum does not match: bits turned over, bytes were lost, or it never was one of ours.
    case damaged
    /// Written by a later release.
    case unknownFormat(UInt8)
    /// The checksum matches, but the content contradicts itself.
    case malformed(String)
}

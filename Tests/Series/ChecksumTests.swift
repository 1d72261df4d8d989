import Testing

@testable import Series

@Suite("Checksum")
struct ChecksumTests {
    @Test(
        "the checksum is the CRC-32C of RFC 3720, appendix B.4",
        arguments: [
            (Array(repeating: 0x00, count: 32), 0x8A91_36AA), (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
            (Array(0...31), 0x46DD_794E), (Array((0...31).reversed()), 0x113F_DB5C), (Array("123456789".utf8), 0xE306_9283),
        ] as [([UInt8], UInt32)])
    func standard(bytes: [UInt8], crc: UInt32) {
        #expect(Checksum.crc32c(bytes, count: bytes.count) == crc)
    }

    /// By crc32c 2.9 of PyPI: `crc32c.crc32c(bytes((i * 37 + 11) & 255 for i in range(n)))`.
    @Test(
        "lengths that are no multiple of eight are summed to their end",
        arguments: [
            (1, 0xCBF4_F86A), (7, 0xD2F5_DA10), (8, 0xEE89_DEC3), (9, 0xA1FD_B5FA), (15, 0x992C_48AA), (16, 0x8D0F_4CDE),
            (17, 0xE5F7_7379), (100, 0x9E76_8B26),
        ] as [(Int, UInt32)])
    func lengths(count: Int, crc: UInt32) {
        let bytes = (0..<count + 3).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
        #expect(Checksum.crc32c(bytes, count: count) == crc)
    }
}

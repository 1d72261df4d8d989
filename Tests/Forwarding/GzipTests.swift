import FoundationEssentials
import NIOCore
import RealServers
import Telemetry
import Testing

@testable import Forwarding

@Suite("gzip")
struct GzipTests {
    @Test("what it makes, gzip of Debian unpacks to what went in", arguments: [0, 1, 1023, 70_000, 3_000_000])
    func unpacks(count: Int) async throws {
        var random = Seeded(UInt64(count))
        let alphabet = Array("headgate,site=north value=0123456789 泵\n".utf8)
        let bytes = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
        let compressed = try #require(Gzip.compressed(ByteBuffer(bytes: bytes)))
        try await withFolder { folder in
            try Data(compressed.readableBytesView).write(to: URL(filePath: folder + "/a.gz"))
            #expect(try await outcome(of: "/usr/bin/gzip", ["-d", folder + "/a.gz"]).isSuccess)
            #expect(FileManager.default.contents(atPath: folder + "/a").map(Array.init) == bytes)
        }
    }

    @Test("lines of readings become an eighth or less")
    func ratio() throws {
        let samples = (0..<1000).map {
            ("p\($0 % 8)", Int64(1_782_000_000_000 + $0 * 250), Reading.good(.double(Double($0 % 97) / 10)))
        }
        let lines = LineProtocol.encode([entry(1, samples.map { (point: $0.0, time: $0.1, reading: $0.2) })])
        let compressed = try #require(Gzip.compressed(ByteBuffer(bytes: lines)))
        #expect(compressed.readableBytes * 8 <= lines.count, "\(compressed.readableBytes) of \(lines.count)")
    }
}

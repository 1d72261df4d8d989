import Documents
import Foundation
import Profiles
import Telemetry
import Testing

@Test func scratch() throws {
    for t in ["2026-06-21T08:00:00", "2026-06-21 08:00:00", "2026-06-21T08:00:00+0800", "2026-06-21", "20260621T080000Z", "2026-06-21T08:00:00.5Z", "2026-06-21T08:00Z", "2026-06-21junk"] {
        print("ISO", t, Timestamp(iso8601: t)?.description ?? "nil")
    }
    var random = SeededRandom(seed: 99)
    let sample = Array("profile: 1\npoints:\n  a: { input: 0, type: int16, range: [0, 6] } # 水\n  'b': &x [*y, \"\\u0041\", |]\n? k\n: >\n  v\nb: &q 1\nb: *q\n".utf8)
    for _ in 0..<60000 {
        var bytes = sample
        for _ in 0...Int.random(in: 0..<8, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.insert(Array("[]{}:,-?&*!|>'\"%@`#\n\t \\.~".utf8).randomElement(using: &random) ?? 0, at: index)
            case 2: bytes.remove(at: index)
            case 3: bytes.removeLast(bytes.count - index)
            default: bytes.append(contentsOf: bytes[index...])
            }
        }
        do {
            let n = try Node(utf8: bytes, file: "fuzz.yaml")
            let m = Mistakes()
            if let f = Form(n, "x", keys: ["profile"], in: m) { for e in f.entries { _ = f.duration(e.key); _ = f.range(e.key); _ = f.strings(e.key); _ = f.number(e.key) } }
            _ = m.sorted
        } catch {}
    }
}

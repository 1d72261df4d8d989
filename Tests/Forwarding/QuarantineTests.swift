import Historian
import Telemetry
import Testing

@testable import Forwarding

@Suite("The quarantine")
struct QuarantineTests {
    private func refusal(_ seq: Int64, _ points: [String], reason: String = "no") -> Delivery.Refusal {
        let entry = entry(seq, points.map { ($0, seq * 1000, .good(.int(1))) })
        return Delivery.Refusal(entry: entry, faults: entry.samples.indices.map { (place: $0, reason: reason) })
    }

    @Test("names a point's first sample with its time and reason, each reason anew, and counts the rest of the hour")
    func counts() {
        var quarantine = Quarantine()
        #expect(
            quarantine.hear(refusal(1, ["p0", "p1"]), at: .zero) == [
                "north/pump/p0 of 1970-01-01T00:00:01.000Z (entry 1) will not be sent: no. The store keeps it.",
                "north/pump/p1 of 1970-01-01T00:00:01.000Z (entry 1) will not be sent: no. The store keeps it.",
            ])
        for seq in 2...9 { #expect(quarantine.hear(refusal(Int64(seq), ["p0"]), at: .zero + .seconds(seq)).isEmpty) }
        #expect(quarantine.hear(refusal(10, ["p0"], reason: "why"), at: .zero + .seconds(10)).count == 1)
        #expect(quarantine.tell(at: .zero + .seconds(3599)).isEmpty)
        #expect(
            quarantine.tell(at: .zero + .seconds(3600)) == [
                "8 more samples of north/pump/p0, of 1970-01-01T00:00:02.000Z to 1970-01-01T00:00:09.000Z, likewise: no. "
                    + "The store keeps them."
            ])
        #expect(quarantine.tell(at: .zero + .seconds(9000)).isEmpty)
    }

    @Test("every sample is named or counted once, whatever comes when, in bounded memory", arguments: 0..<20 as Range<UInt64>)
    func addsUp(seed: UInt64) throws {
        var random = Seeded(seed)
        var quarantine = Quarantine()
        var (given, told) = (0, 0)
        func count(_ texts: [String]) throws {
            for text in texts {
                told += text.contains("will not be sent") ? 1 : try #require(Int(text.prefix { $0.isNumber }))
            }
        }
        var now = Monotonic.zero
        for seq in 1...3000 {
            now = now + .seconds(Int.random(in: 0...20, using: &random))
            let points = (0..<Int.random(in: 1...3, using: &random)).map {
                "p\($0 * 1000 + Int.random(in: 0..<700, using: &random))"
            }
            given += points.count
            try count(quarantine.hear(refusal(Int64(seq), points), at: now))
            try count(quarantine.tell(at: now))
        }
        try count(quarantine.tell(at: now + .seconds(7200)))
        #expect(told == given)
    }
}

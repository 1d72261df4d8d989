import Foundation
import Telemetry
import Testing

@Suite("a timestamp")
struct TimestampTests {
    @Test(
        "reads what ISO 8601 and RFC 3339 give as examples",
        arguments: [
            ("1985-04-12T23:20:50.52Z", 482_196_050_520), ("1996-12-19T16:39:57-08:00", 851_042_397_000),
            ("1990-12-31T23:59:60Z", 662_688_000_000), ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130),
            ("1970-01-01", 0), ("2026-06-21T08:00+08:00", 1_782_000_000_000), ("2000-02-29T00:00:00Z", 951_782_400_000),
        ])
    func examples(text: String, milliseconds: Int64) {
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
    }

    @Test(
        "is not made of what names no moment",
        arguments: [
            "", "2026", "2026-06-21T08:00:00", "2026-06-21T08:00:00 ", "2026-06-21junk", "2026-02-29", "2026-13-01T00:00:00Z",
            "2026-06-21T24:00:00Z", "2026-06-21T08:00:00.Z", "2026-06-21T08:00:00+8", "２０２６-06-21", "2026-06-21T08:00:00Zx", "1900-02-29",
        ])
    func refused(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test("reads back what it prints, in any year that it prints", arguments: 1...40 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let time = Timestamp(milliseconds: .random(in: -62_135_596_800_000...253_402_300_799_999, using: &random))
            #expect(Timestamp(iso8601: time.description) == time, "\(time)")
        }
    }

    @Test("never traps, whatever the clock says", arguments: [Int64.min, .max, 0, -1])
    func extremes(milliseconds: Int64) {
        let time = Timestamp(milliseconds: milliseconds)
        #expect(!time.description.isEmpty)
        #expect(time.advanced(by: .seconds(Int64.max)).milliseconds >= time.milliseconds)
        #expect(time.advanced(by: .seconds(Int64.min)).milliseconds <= time.milliseconds)
        #expect(Timestamp(milliseconds: .max).since(time) >= .zero)
        #expect(Timestamp(Date(timeIntervalSince1970: .infinity)).milliseconds == .max)
    }
}

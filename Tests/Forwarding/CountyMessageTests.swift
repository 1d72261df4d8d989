import FoundationEssentials
import Historian
import Telemetry
import Testing

@testable import Forwarding

@Suite("The county's JSON")
struct CountyMessageTests {
    @Test("a batch is one object: values, and only what is unusual about them")
    func shape() {
        let entry = entry(
            1,
            [
                ("level", 1_782_000_000_000, .good(.double(2.417))), ("running", 1_782_000_000_000, .good(.bool(true))),
                ("starts", 1_781_999_999_950, .good(.int(-7))), ("energy", 1_782_000_000_000, .good(.uint(.max))),
                ("note", 1_782_000_000_000, .uncertain(.string("泵\t\"A\"\\\u{1}"), .stale)),
                ("current", 1_782_000_000_000, .bad(.commFailure)), ("broken", 1_782_000_000_000, .good(.double(.infinity))),
            ])
        let texts = CountyMessage.encode(entry).map { String(decoding: $0, as: UTF8.self) }
        #expect(
            texts == [
                #"{"site":"north","device":"pump","time":1782000000000,"values":{"level":2.417,"running":true,"starts":-7,"#
                    + #""energy":18446744073709551615,"note":"泵\u0009\"A\"\\\u0001","current":null,"broken":null},"#
                    + #""quality":{"note":"uncertain stale","current":"bad comm-failure","broken":"bad sensor-fault"},"#
                    + #""times":{"starts":1781999999950}}"#
            ])
    }

    @Test("a batch with several samples of a point loses none of them")
    func repeats() {
        let entry = entry(
            1, [("p", 1, .good(.int(1))), ("q", 1, .good(.int(5))), ("p", 2, .good(.int(2))), ("p", 3, .good(.int(3)))])
        let texts = CountyMessage.encode(entry).map { String(decoding: $0, as: UTF8.self) }
        #expect(
            texts == [
                #"{"site":"north","device":"pump","time":1,"values":{"p":1,"q":5}}"#,
                #"{"site":"north","device":"pump","time":2,"values":{"p":2}}"#,
                #"{"site":"north","device":"pump","time":3,"values":{"p":3}}"#,
            ])
        #expect(CountyMessage.encode(Entry(seq: 1, site: "a", device: "b", received: entry.received, samples: [])).isEmpty)
    }

    private struct Received: Decodable {
        let site: String
        let time: Int64
        let values: [String: Double?]
        let quality: [String: String]?
        let times: [String: Int64]?
    }

    @Test("another reader of JSON gets every number back bit by bit, and every time", arguments: 0..<50 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = Seeded(seed)
        let samples = (0..<8).map { index in
            var number = Double(bitPattern: random.next())
            if !number.isFinite { number = Double(Int.random(in: 0...100_000, using: &random)) / 1000 }
            return (point: "p\(index)", time: Int64.random(in: 0...2, using: &random), reading: Reading.good(.double(number)))
        }
        let message = try #require(CountyMessage.encode(entry(1, samples)).first)
        let received = try JSONDecoder().decode(Received.self, from: Data(message))
        for sample in samples {
            #expect(received.values[sample.point]??.bitPattern == sample.reading.value?.number?.bitPattern)
            #expect(received.times?[sample.point] ?? received.time == sample.time)
        }
        #expect(received.times?.values.contains(received.time) != true)
    }
}

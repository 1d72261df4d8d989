import Historian
import Telemetry
import Testing

@testable import Forwarding

@Suite("Line protocol")
struct LineProtocolTests {
    @Test("a line holds a sample: tags, value, quality, milliseconds")
    func lines() {
        let entry = entry(
            1,
            [
                ("level", 1_782_000_000_000, .good(.double(2.417))), ("running", 1_782_000_000_001, .good(.bool(true))),
                ("fault", 1_782_000_000_001, .good(.bool(false))), ("starts", 1_782_000_000_002, .uncertain(.int(-7), .stale)),
                ("energy", 1_782_000_000_002, .good(.uint(.max))), ("current", -5, .bad(.commFailure)),
                ("note", 0, .good(.string("泵 \"A\"\\\nok"))), ("broken", 0, .good(.double(.nan))),
                ("large", 0, .good(.double(1e300))), ("tiny", 0, .good(.double(.leastNonzeroMagnitude))),
            ])
        #expect(
            String(decoding: LineProtocol.encode([entry]), as: UTF8.self) == #"""
                headgate,site=north,device=pump,point=level value=2.417,quality=192 1782000000000
                headgate,site=north,device=pump,point=running value=1,quality=192 1782000000001
                headgate,site=north,device=pump,point=fault value=0,quality=192 1782000000001
                headgate,site=north,device=pump,point=starts value=-7,quality=64 1782000000002
                headgate,site=north,device=pump,point=energy value=18446744073709551615,quality=192 1782000000002
                headgate,site=north,device=pump,point=current quality=0 -5
                headgate,site=north,device=pump,point=note text="泵 \"A\"\\\nok",quality=192 0
                headgate,site=north,device=pump,point=broken quality=0 0
                headgate,site=north,device=pump,point=large value=1e+300,quality=192 0
                headgate,site=north,device=pump,point=tiny value=5e-324,quality=192 0

                """#)
    }

    /// The examples of InfluxDB's line protocol reference, under "Special characters".
    @Test(
        "tags are escaped as the reference's examples are",
        arguments: [
            ("us,midwest", #"us\,midwest"#), ("temp=rature", #"temp\=rature"#), ("location place", #"location\ place"#),
            ("we⛅️ther", "we⛅️ther"), ("\"weather\"", "\"weather\""),
        ])
    func tags(text: String, escaped: String) {
        var bytes: [UInt8] = []
        LineProtocol.append(tag: text, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == escaped)
    }

    @Test(
        "measurements are escaped as the reference's examples are",
        arguments: [("wea,ther", #"wea\,ther"#), ("wea ther", #"wea\ ther"#), ("wea=ther", "wea=ther")])
    func measurements(text: String, escaped: String) {
        var bytes: [UInt8] = []
        LineProtocol.append(measurement: text, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == escaped)
    }

    @Test(
        "string fields are escaped as the reference's examples are",
        arguments: [
            (#"too"hot""#, #"too\"hot\""#), ("too hot/cold", "too hot/cold"), (#"too hot\cold"#, #"too hot\\cold"#),
            ("a=b, c", "a=b, c"), ("two\nlines", #"two\nlines"#),
        ])
    func texts(text: String, escaped: String) {
        var bytes: [UInt8] = []
        LineProtocol.append(text: text, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == escaped)
    }

    @Test("whatever a text holds, a sample stays one line of three parts", arguments: 0..<50 as Range<UInt64>)
    func oneLine(seed: UInt64) {
        var random = Seeded(seed)
        let alphabet = Array("ab\\\"\n\r ,=\u{0}泵")
        let text = String((0..<Int.random(in: 0...20, using: &random)).compactMap { _ in alphabet.randomElement(using: &random) })
        let line = LineProtocol.encode([entry(1, [("p", 7, .good(.string(text)))])])
        #expect(line.count { $0 == UInt8(ascii: "\n") } == 1)
        // As a reader sees it: spaces count outside quotes only, and a backslash takes the next character's meaning away.
        var (parts, isQuoted, isEscaped) = (1, false, false)
        for byte in line {
            if isEscaped {
                isEscaped = false
                continue
            }
            switch byte {
            case UInt8(ascii: "\\"): isEscaped = true
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: " ") where !isQuoted: parts += 1
            default: break
            }
        }
        #expect(parts == 3 && !isQuoted && !isEscaped)
    }
}

import Telemetry
import Testing

@testable import Sparkplug

@Suite("Payloads")
struct PayloadTests {
    /// tck: payloads-metric-datatype-value-type payloads-metric-datatype-value payloads-metric-propertyvalue-type-type
    /// tck: payloads-metric-propertyvalue-type-value payloads-propertyset-keys-array-size payloads-propertyset-values-array-size
    @Test("are read back as what they were", arguments: 0..<200 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var dice = SeededRandom(seed: seed)
        let payload = Payload.random(&dice)
        #expect(try Payload(decoding: payload.encoded) == payload)
    }

    @Test("of any bytes are payloads or errors, and a payload is a payload again", arguments: 0..<20 as Range<UInt64>)
    func fuzz(seed: UInt64) {
        var dice = SeededRandom(seed: seed)
        var readable = 0
        for _ in 0..<250 {
            var bytes = Payload.random(&dice).encoded
            for _ in 0..<Int.random(in: 0...4, using: &dice) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &dice)
                switch Int.random(in: 0..<4, using: &dice) {
                case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &dice)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(UInt8.random(in: .min ... .max, using: &dice), at: place)
                default: bytes = Array(bytes.prefix(place))
                }
            }
            guard let payload = try? Payload(decoding: bytes) else { continue }
            readable += 1
            #expect(throws: Never.self) { try Payload(decoding: payload.encoded) }
            for metric in payload.metrics {
                guard case .value(let scalar) = metric.content else { continue }
                for type in DataType.allCases { _ = scalar.value(as: type)?.converted(to: .int) }
            }
        }
        #expect(readable > 0)
    }

    @Test("that are not of the schema are refused by what is wrong with them")
    func errors() {
        #expect(throws: PayloadError.malformed) { try Payload(decoding: [0xFF, 0xFF, 0xFF]) }
        // A metric (field 2) with data type (field 4) 35.
        #expect(throws: PayloadError.unknownDataType(35)) { try Payload(decoding: [0x12, 2, 0x20, 35]) }
        // A metric whose properties (field 9) are one key and no value.
        #expect(throws: PayloadError.unevenProperties) { try Payload(decoding: [0x12, 5, 0x4A, 3, 0x0A, 1, 0x41]) }
        #expect(throws: PayloadError.malformed) { try Payload(decoding: [0x12, 3, 0x0A, 1, 0xFF]) }
    }

    @Test("skip what they do not know: bytes, templates, fields of others")
    func unknown() throws {
        // Metrics of Bytes (datatype 17, field 16), DataSet (16, field 17) and Template (19, field 18); then uuid and body.
        let bytes: [UInt8] = [
            0x12, 8, 0x0A, 1, 0x61, 0x20, 17, 0x82, 1, 0, 0x12, 8, 0x0A, 1, 0x62, 0x20, 16, 0x8A, 1, 0, 0x12, 8, 0x0A, 1, 0x63,
            0x20, 19,
            0x92, 1, 0, 0x22, 1, 0x41, 0x2A, 1, 0x42,
        ]
        let payload = try Payload(decoding: bytes)
        #expect(payload.metrics.map(\.name) == ["a", "b", "c"])
        #expect(payload.metrics.map(\.dataType) == [.bytes, .dataSet, .template])
        #expect(payload.metrics.allSatisfy { $0.content == .none })
    }

    /// tck: payloads-timestamp-in-UTC payloads-metric-timestamp-in-UTC
    @Test("count time in milliseconds since 1970, and stay within the calendar")
    func times() throws {
        // 1486144502122, the specification's own example, as a varint.
        let example: [UInt8] = [0x08, 0xEA, 0xF2, 0xF5, 0xA8, 0xA0, 0x2B]
        #expect(try Payload(decoding: example).timestamp == Timestamp(iso8601: "2017-02-03T17:55:02.122Z"))
        #expect(Payload(timestamp: Timestamp(iso8601: "2017-02-03T17:55:02.122Z")).encoded == example)
        let latest = Payload(timestamp: Timestamp(milliseconds: .max))
        #expect(try Payload(decoding: [0x08] + Array(repeating: 0xFF, count: 9) + [1]) == latest)
        #expect(try Payload(decoding: Payload(timestamp: Timestamp(milliseconds: -5)).encoded).timestamp?.milliseconds == 0)
    }

    @Test("mean a value only as a type that can look like it")
    func scalars() {
        #expect(Scalar.int(0xFF).value(as: .int8) == .int(-1))
        #expect(Scalar.int(0xFFFF_FFFF).value(as: .int8) == .int(-1))
        #expect(Scalar.int(0x80).value(as: .int8) == .int(-128))
        #expect(Scalar.int(0x100).value(as: .int8) == nil)
        #expect(Scalar.int(0xFFFF_FF7F).value(as: .int8) == nil)
        #expect(Scalar.int(0x8AD0).value(as: .int16) == .int(-30000))
        #expect(Scalar.int(0xFFFF_8AD0).value(as: .int16) == .int(-30000))
        #expect(Scalar.int(0xFFFF_FFFE).value(as: .int32) == .int(-2))
        #expect(Scalar.int(0xFFFF_FFFE).value(as: .uint32) == .uint(4_294_967_294))
        #expect(Scalar.int(256).value(as: .uint8) == nil)
        #expect(Scalar.int(65536).value(as: .uint16) == nil)
        #expect(Scalar.long(.max).value(as: .int64) == .int(-1))
        #expect(Scalar.long(.max).value(as: .uint64) == .uint(.max))
        #expect(Scalar.long(5).value(as: .dateTime) == .uint(5))
        #expect(Scalar.float(1.5).value(as: .float) == .double(1.5))
        #expect(Scalar.string("x").value(as: .text) == .string("x"))
        #expect(Scalar.string("x").value(as: .bytes) == nil)
        #expect(Scalar.int(1).value(as: .boolean) == nil)
        #expect(Scalar.int(1).value(as: .int64) == nil)
        #expect(Value.double(3).converted(to: .int) == .int(3))
        #expect(Value.double(3.5).converted(to: .int) == nil)
        #expect(Value.double(.nan).converted(to: .uint) == nil)
        #expect(Value.int(-1).converted(to: .uint) == nil)
        #expect(Value.uint(.max).converted(to: .int) == nil)
        #expect(Value.bool(true).converted(to: .int) == nil)
        #expect(Value.string("1").converted(to: .double) == nil)
    }

    @Test("take the type of a point that holds all of its values", arguments: 0..<50 as Range<UInt64>)
    func pointTypes(seed: UInt64) {
        var dice = SeededRandom(seed: seed)
        for value in [Value.random(&dice), .int(.min), .int(.max), .uint(.max), .double(-0.0), .string("")] {
            #expect(Scalar(value).value(as: DataType(value.type)) == value)
        }
    }

    @Test("of STATE are read however they are written, or refused")
    func states() throws {
        let online = HostState(isOnline: true, timestamp: Timestamp(milliseconds: 1_668_114_759_262))
        for text in [
            #"{"online":true,"timestamp":1668114759262}"#, #"{ "timestamp" : 1668114759262 , "online" : true, "more": [1] }"#,
            #"{"timestamp":1668114759262.0,"online":true}"#,
        ] {
            #expect(try HostState(decoding: Array(text.utf8)) == online)
        }
        for text in [
            "", "ONLINE", "OFFLINE", "{}", "[]", "null", #"{"online":true}"#, #"{"online":"true","timestamp":1}"#,
            #"{"online":true,"timestamp":"1"}"#, #"{"online":true,"timestamp":1e30}"#, #"{"online":true,"timestamp":1.5}"#,
            #"{"online":1,"timestamp":1}"#, "\u{FF}{", String(repeating: "[", count: 5000),
        ] {
            #expect(throws: PayloadError.notAState, "\(text.prefix(40))") { try HostState(decoding: Array(text.utf8)) }
        }
    }
}

extension Payload {
    static func random(_ dice: inout SeededRandom) -> Payload {
        Payload(
            timestamp: Bool.random(using: &dice) ? .random(&dice) : nil,
            metrics: (0..<Int.random(in: 0...6, using: &dice)).map { _ in .random(&dice) },
            seq: Bool.random(using: &dice) ? .random(in: 0...255, using: &dice) : nil)
    }
}

extension Timestamp {
    fileprivate static func random(_ dice: inout SeededRandom) -> Timestamp {
        Timestamp(milliseconds: Bool.random(using: &dice) ? .random(in: 0 ... .max, using: &dice) : 1_782_000_000_000)
    }
}

extension Metric {
    static func random(_ dice: inout SeededRandom) -> Metric {
        let names: [String?] = [nil, "level", "a/b/c", "", "鲁坛", "Node Control/Rebirth"]
        return Metric(
            name: names.randomElement(using: &dice) ?? nil, alias: Bool.random(using: &dice) ? dice.next() : nil,
            timestamp: Bool.random(using: &dice) ? .random(&dice) : nil,
            dataType: Bool.random(using: &dice) ? DataType.allCases.randomElement(using: &dice) : nil,
            isHistorical: Bool.random(using: &dice),
            content: [Content.none, .null, .value(.random(&dice)), .value(.random(&dice))].randomElement(using: &dice) ?? .none,
            properties: (0..<Int.random(in: 0...2, using: &dice)).map { index in
                Property(
                    name: ["Quality", "engUnit", ""][index], type: DataType.allCases.randomElement(using: &dice) ?? .unknown,
                    value: Bool.random(using: &dice) ? .random(&dice) : nil)
            })
    }
}

extension Scalar {
    static func random(_ dice: inout SeededRandom) -> Scalar {
        switch Int.random(in: 0..<6, using: &dice) {
        case 0: .int(UInt32(truncatingIfNeeded: dice.next()))
        case 1: .long(dice.next())
        case 2: .float(Float.random(in: -1e6...1e6, using: &dice))
        case 3: .double(Double.random(in: -1e12...1e12, using: &dice))
        case 4: .bool(Bool.random(using: &dice))
        default: .string(["", "auto", "停机", "a\0b"].randomElement(using: &dice) ?? "")
        }
    }
}

extension Value {
    static func random(_ dice: inout SeededRandom) -> Value {
        switch Int.random(in: 0..<5, using: &dice) {
        case 0: .bool(Bool.random(using: &dice))
        case 1: .int(Int64(bitPattern: dice.next()))
        case 2: .uint(dice.next())
        case 3: .double(Double.random(in: -1e9...1e9, using: &dice))
        default: .string("\(dice.next())")
        }
    }
}

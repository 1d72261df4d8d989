import Documents
import Profiles
import Telemetry
import Testing

@Suite("A value from a message")
struct MessageTests {
    private func read(_ json: JSON?, as type: ValueType, range: ClosedRange<Double>? = nil) throws -> Reading {
        reading(of: json, for: ProfilePoint(name: "a", source: .json(try JSONPath("$")), valueType: type, range: range))
    }

    @Test("is good where it is of the point's type without loss")
    func good() throws {
        #expect(try read(.bool(true), as: .bool) == .good(.bool(true)))
        #expect(try read(.string("沪"), as: .string) == .good(.string("沪")))
        #expect(try read(.int(-5), as: .int) == .good(.int(-5)))
        #expect(try read(.double(3), as: .int) == .good(.int(3)))
        #expect(try read(.int(5), as: .uint) == .good(.uint(5)))
        #expect(try read(.double(5), as: .uint) == .good(.uint(5)))
        #expect(try read(.double(31.36), as: .double) == .good(.double(31.36)))
        #expect(try read(.int(60), as: .double) == .good(.double(60)))
    }

    @Test("that is missing, null or of another type is a sensor's fault, and never a number", arguments: ValueType.allCases)
    func faults(type: ValueType) throws {
        var others: [JSON?] = [nil, .null, .array([.int(1)]), .object([:]), .double(.infinity), .double(-.infinity)]
        if type != .bool { others.append(.bool(true)) }
        if type != .string { others.append(.string("12.5")) }
        if type == .bool { others += [.int(1), .double(0)] }
        if type == .string { others += [.int(1), .double(0.5)] }
        if type == .int || type == .uint { others += [.double(3.5), .double(1e18)] }
        if type == .uint { others += [.int(-1), .double(-1)] }
        for json in others { #expect(try read(json, as: type) == .bad(.sensorFault), "\(String(describing: json))") }
    }

    @Test("outside its range is out of range, and at its ends is not")
    func ranges() throws {
        for (number, isGood) in [(-90.0, true), (90, true), (90.000001, false), (-91, false)] {
            #expect(try read(.double(number), as: .double, range: -90...90).isGood == isGood)
        }
        #expect(try read(.int(91), as: .int, range: -90...90) == .bad(.outOfRange))
        #expect(try read(.double(1e300), as: .double, range: -90...90) == .bad(.outOfRange))
    }
}

@Suite("A message's own time")
struct MessageTimeTests {
    @Test(
        "is ISO 8601, seconds or milliseconds since 1970",
        arguments: [
            (JSON.int(1_782_000_000_123), Int64(1_782_000_000_123)), (.int(1_782_000_000), 1_782_000_000_000),
            (.double(1_782_000_000.25), 1_782_000_000_250),
            (.double(1_782_000_000_123), 1_782_000_000_123), (.string("2026-06-21T00:00:00Z"), 1_782_000_000_000),
            (.string("2026-06-21T00:00:00.250Z"), 1_782_000_000_250), (.string("2026-06-21T10:30:00+08:00"), 1_782_009_000_000),
            (.string("2026-06-21T10:30:00.5+0800"), 1_782_009_000_500),
            (.string("2026-06-20T20:00:00.123456-04:00"), 1_782_000_000_123),
            (.int(99_999_999_999), 99_999_999_999_000), (.int(100_000_000_000), 100_000_000_000),
        ])
    func times(json: JSON, milliseconds: Int64) {
        #expect(Timestamp(message: json) == Timestamp(milliseconds: milliseconds))
    }

    @Test(
        "is none where the message holds none that a calendar has",
        arguments: [
            JSON.null, .bool(true), .int(0), .int(-1), .int(.max), .int(.min), .double(.infinity), .double(-.infinity),
            .double(1e300), .double(-5), .double(0.0001),
            .string(""), .string("now"), .string("2026-06-21"), .string("2026-06-21T10:30:00"), .string("2026-06-21T10:30Z"),
            .string("2026-06-21 10:30:00Z"), .string("2026-06-21T10:30:00Zulu"), .string("2026-13-01T00:00:00Z"),
            .string("1782000000"), .array([]), .object([:]),
            .int(253_402_300_800_000),
        ])
    func none(json: JSON) {
        #expect(Timestamp(message: json) == nil)
    }

    @Test("is found where the profile says")
    func path() throws {
        let message = JSON.object(["time": .int(1_782_000_000), "speed": .int(30)])
        let points = [ProfilePoint(name: "speed", source: .json(try JSONPath("$.speed")), valueType: .double)]
        #expect(
            Profile(name: "a", model: "A", time: try JSONPath("$.time"), points: points).sourceTime(in: message)
                == Timestamp(milliseconds: 1_782_000_000_000))
        #expect(Profile(name: "a", model: "A", time: try JSONPath("$.at"), points: points).sourceTime(in: message) == nil)
        #expect(Profile(name: "a", model: "A", points: points).sourceTime(in: message) == nil)
    }
}

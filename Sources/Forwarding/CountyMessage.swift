package import Historian
import Telemetry

/// The JSON of one batch, for whoever listens on the broker:
///
///     {"site":"xinzhuang-pump","device":"well","time":1782000000000,"values":{"level":2.417,"high-float":null},
///      "quality":{"high-float":"bad comm-failure"},"times":{"level":1781999999950},"late":true}
///
/// `time` is the source time that most of the samples have, in ms; `times` holds only those that differ, `quality` only those
/// that are less than good; `late` says that newer ones were sent before. Numbers are written so that they read back as the
/// very same ones.
package enum CountyMessage {
    /// One message; more if the batch has several samples of one point, since an object holds each key once.
    package static func encode(_ entry: Entry, isLate: Bool = false) -> [[UInt8]] {
        layers(entry.samples).map { encode($0, of: entry, isLate: isLate) }
    }

    /// The samples, the second ones of their points, the third ones…
    private static func layers(_ samples: [Sample]) -> [[Sample]] {
        if samples.isEmpty { return [] }
        if zip(samples, samples.dropFirst()).allSatisfy({ $0.point < $1.point }) { return [samples] }
        var layers: [[Sample]] = []
        var seen: [PointID: Int] = [:]
        for sample in samples {
            let depth = seen[sample.point, default: 0]
            seen[sample.point] = depth + 1
            if depth == layers.count { layers.append([]) }
            layers[depth].append(sample)
        }
        return layers
    }

    private static func encode(_ samples: [Sample], of entry: Entry, isLate: Bool) -> [UInt8] {
        let time = commonTime(samples)
        var text = JSONText(capacity: 96 + samples.count * 24)
        text.open()
        text.member("site", string: entry.site)
        text.member("device", string: entry.device)
        text.member("time", number: time.milliseconds)
        text.key("values")
        text.open()
        var (isAllGood, isAllThen) = (true, true)
        for sample in samples {
            text.key(entry.label(of: sample).word)
            if !append(sample.reading, to: &text) { isAllGood = false }
            if sample.time != time { isAllThen = false }
        }
        text.close()
        if !isAllGood {
            text.key("quality")
            text.open()
            for sample in samples {
                if let words = words(for: sample.reading) { text.member(entry.label(of: sample).name.point, string: words) }
            }
            text.close()
        }
        if !isAllThen {
            text.key("times")
            text.open()
            for sample in samples where sample.time != time {
                text.member(entry.label(of: sample).name.point, number: sample.time.milliseconds)
            }
            text.close()
        }
        if isLate {
            text.key("late")
            text.literal("true")
        }
        text.close()
        return text.bytes
    }

    /// Appends the value. Returns whether that says it all.
    private static func append(_ reading: Reading, to text: inout JSONText) -> Bool {
        switch reading {
        case .good(.int(let value)): text.integer(value)
        case .good(.uint(let value)): text.integer(value)
        case .good(.bool(let value)): text.literal(value ? "true" : "false")
        case .good(.double(let value)) where value.isFinite: text.literal("\(value)")
        case .good(.string(let value)): text.string(value)
        case .good, .uncertain, .bad:
            append(reading.value, to: &text)
            return false
        }
        return true
    }

    private static func append(_ value: Value?, to text: inout JSONText) {
        switch value {
        case .bool(let value): text.literal(value ? "true" : "false")
        case .int(let value): text.integer(value)
        case .uint(let value): text.integer(value)
        case .double(let value) where value.isFinite: text.literal("\(value)")
        case .string(let value): text.string(value)
        case .double, nil: text.literal("null")
        }
    }

    /// `bad comm-failure`; nil for a good reading.
    private static func words(for reading: Reading) -> String? {
        if case .double(let value) = reading.value, !value.isFinite { return "bad \(Cause.sensorFault.rawValue)" }
        return reading.cause.map { "\(reading.quality.rawValue) \($0.rawValue)" }
    }

    private static func commonTime(_ samples: [Sample]) -> Timestamp {
        var best = samples.first?.time ?? Timestamp(milliseconds: 0)
        if samples.allSatisfy({ $0.time == best }) { return best }
        var counts: [Timestamp: Int] = [:]
        for sample in samples {
            counts[sample.time, default: 0] += 1
            if counts[sample.time, default: 0] > counts[best, default: 0] { best = sample.time }
        }
        return best
    }
}

/// Writes JSON (RFC 8259) from front to back.
struct JSONText {
    private(set) var bytes: [UInt8] = []
    /// Whether the next member of the open object is its first.
    private var isFirst = true

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func open() {
        bytes.append(UInt8(ascii: "{"))
        isFirst = true
    }

    mutating func close() {
        bytes.append(UInt8(ascii: "}"))
        isFirst = false
    }

    mutating func key(_ name: String) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    /// A key that has nothing to escape (`PointName.isWord`).
    mutating func key(_ word: [UInt8]) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: word)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func member(_ name: String, string text: String) {
        key(name)
        string(text)
    }

    mutating func member(_ name: String, number: Int64) {
        key(name)
        integer(number)
    }

    /// Digit by digit, without a text in between: it is what most values are.
    mutating func integer(_ value: some FixedWidthInteger) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        var digits = 1
        while case let shorter = rest / 10, shorter > 0 { (rest, digits) = (shorter, digits + 1) }
        for _ in 0..<digits { bytes.append(UInt8(ascii: "0")) }
        var place = bytes.count
        rest = value.magnitude
        while rest > 0 {
            place -= 1
            let shorter = rest / 10
            bytes[place] += UInt8(truncatingIfNeeded: rest - shorter * 10)
            rest = shorter
        }
    }

    mutating func literal(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20: literal((byte < 16 ? "\\u000" : "\\u00") + String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

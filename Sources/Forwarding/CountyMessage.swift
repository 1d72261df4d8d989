package import Historian
import Telemetry

/// The JSON of one batch, for whoever listens on the broker:
///
///     {"site":"xinzhuang-pump","device":"well","time":1782000000000,"values":{"level":2.417,"high-float":null},
///      "quality":{"high-float":"bad comm-failure"},"times":{"level":1781999999950}}
///
/// `time` is the source time that most of the samples have, in ms; `times` holds only those that differ, `quality` only those
/// that are less than good. Numbers are written so that they read back as the very same ones.
package enum CountyMessage {
    /// One message; more if the batch has several samples of one point, since an object holds each key once.
    package static func encode(_ entry: Entry) -> [[UInt8]] {
        layers(entry.samples).map { encode($0, site: entry.site, device: entry.device) }
    }

    /// The samples, the second ones of their points, the third ones…
    private static func layers(_ samples: [StoredSample]) -> [[StoredSample]] {
        if samples.isEmpty { return [] }
        if Set(samples.lazy.map(\.label)).count == samples.count { return [samples] }
        var layers: [[StoredSample]] = []
        var seen: [PointLabel: Int] = [:]
        for sample in samples {
            let depth = seen[sample.label, default: 0]
            seen[sample.label] = depth + 1
            if depth == layers.count { layers.append([]) }
            layers[depth].append(sample)
        }
        return layers
    }

    private static func encode(_ samples: [StoredSample], site: String, device: String) -> [UInt8] {
        let time = commonTime(samples)
        var text = JSONText()
        text.open()
        text.member("site", string: site)
        text.member("device", string: device)
        text.member("time", number: time.milliseconds)
        text.key("values")
        text.open()
        for sample in samples { append(sample, to: &text) }
        text.close()
        let doubtful = samples.compactMap { sample in words(for: sample.reading).map { (sample.point.point, $0) } }
        if !doubtful.isEmpty {
            text.key("quality")
            text.open()
            for (point, words) in doubtful { text.member(point, string: words) }
            text.close()
        }
        let others = samples.filter { $0.time != time }
        if !others.isEmpty {
            text.key("times")
            text.open()
            for sample in others { text.member(sample.point.point, number: sample.time.milliseconds) }
            text.close()
        }
        text.close()
        return text.bytes
    }

    private static func append(_ sample: StoredSample, to text: inout JSONText) {
        text.key(sample.point.point)
        switch sample.reading.value {
        case .bool(let value): text.literal(value ? "true" : "false")
        case .int(let value): text.literal("\(value)")
        case .uint(let value): text.literal("\(value)")
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

    private static func commonTime(_ samples: [StoredSample]) -> Timestamp {
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

    mutating func member(_ name: String, string text: String) {
        key(name)
        string(text)
    }

    mutating func member(_ name: String, number: Int64) {
        key(name)
        literal("\(number)")
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

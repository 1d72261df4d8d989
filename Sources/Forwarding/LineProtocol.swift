package import Historian
import Telemetry

/// InfluxDB line protocol, as VictoriaMetrics, InfluxDB, TDengine and GreptimeDB take it.
///
/// One line a sample: measurement `headgate`; tags `site`, `device`, `point`; fields `value` (a float; a truth value is 1 or 0),
/// or `text` for strings, and `quality` in OPC's numbers; time in ms. A bad reading has no value, only its quality.
package enum LineProtocol {
    package static func encode(_ entries: [Entry]) -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(entries.reduce(0) { $0 + $1.samples.count } * 96)
        for entry in entries {
            for sample in entry.samples { append(sample, of: entry.label(of: sample).name, to: &lines) }
        }
        return lines
    }

    /// The numbers by which OPC says good, uncertain and bad.
    static func number(of quality: Quality) -> Int {
        switch quality {
        case .good: 192
        case .uncertain: 64
        case .bad: 0
        }
    }

    private static func append(_ sample: Sample, of point: PointName, to lines: inout [UInt8]) {
        lines.append(contentsOf: "headgate,site=".utf8)
        append(tag: point.site, to: &lines)
        lines.append(contentsOf: ",device=".utf8)
        append(tag: point.device, to: &lines)
        lines.append(contentsOf: ",point=".utf8)
        append(tag: point.point, to: &lines)
        lines.append(UInt8(ascii: " "))
        let quality = append(sample.reading, to: &lines)
        lines.append(contentsOf: "quality=\(number(of: quality)) \(sample.time.milliseconds)\n".utf8)
    }

    /// Appends the value's field, if it has one, with its comma. A number that no line can carry is no good reading.
    private static func append(_ reading: Reading, to lines: inout [UInt8]) -> Quality {
        switch reading.value {
        case nil: return .bad
        case .bool(let value): lines.append(contentsOf: value ? "value=1,".utf8 : "value=0,".utf8)
        case .int(let value): lines.append(contentsOf: "value=\(value),".utf8)
        case .uint(let value): lines.append(contentsOf: "value=\(value),".utf8)
        case .double(let value):
            guard value.isFinite else { return .bad }
            lines.append(contentsOf: "value=\(value),".utf8)
        case .string(let value):
            lines.append(contentsOf: "text=\"".utf8)
            append(text: value, to: &lines)
            lines.append(contentsOf: "\",".utf8)
        }
        return reading.quality
    }

    /// Tag keys, tag values and field keys: a backslash before commas, equal signs and spaces. A line break has no place in a
    /// line, and a backslash at the end would swallow what follows it.
    static func append(tag text: String, to lines: inout [UInt8]) {
        append(text, escaping: [UInt8(ascii: ","), UInt8(ascii: "="), UInt8(ascii: " ")], to: &lines)
        if text.utf8.last == UInt8(ascii: "\\") { lines.append(UInt8(ascii: "_")) }
    }

    /// Measurements: likewise, but for the equal sign.
    static func append(measurement text: String, to lines: inout [UInt8]) {
        append(text, escaping: [UInt8(ascii: ","), UInt8(ascii: " ")], to: &lines)
    }

    /// What stands between the quotes of a string field: a backslash before quotes and backslashes. A line break, which line
    /// protocol cannot carry, becomes the two characters `\n`.
    static func append(text: String, to lines: inout [UInt8]) {
        append(text, escaping: [UInt8(ascii: "\""), UInt8(ascii: "\\")], to: &lines)
    }

    private static func append(_ text: String, escaping special: [UInt8], to lines: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\n"): lines.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): lines.append(contentsOf: "\\r".utf8)
            case let byte where special.contains(byte):
                lines.append(UInt8(ascii: "\\"))
                lines.append(byte)
            default: lines.append(byte)
            }
        }
    }
}

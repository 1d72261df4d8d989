import ArgumentParser
import Documents
import Foundation
import Gateway
import Historian
import Telemetry

struct History: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case csv, json
    }

    static let configuration = CommandConfiguration(
        abstract: "Prints what a point was, from the store; the gateway may be running meanwhile.",
        discussion: """
            Times are ISO 8601 with their offset (2026-06-21T12:00:00+08:00, 2026-06-21T04:00:00Z) or a span back from now \
            (90m, 2h, 7d).
            """)

    @Argument(help: "The point's full name, site/device/point.")
    var point: String

    @OptionGroup var site: SiteOption

    @Option(help: "The folder of the store; the site file's unless told.")
    var data: String?

    @Option(help: "The first moment wanted.")
    var from = "1h"

    @Option(help: "The first moment no longer wanted; now unless told.")
    var to: String?

    @Option(help: "csv or json.")
    var format = Format.csv

    func run() throws {
        guard let name = PointName(point) else {
            throw ValidationError("'\(point)' is not a point's name; write site/device/point")
        }
        let now = SystemTime().now().wall
        let start = try Self.moment(from, before: now, option: "--from")
        let end = try to.map { try Self.moment($0, before: now, option: "--to") } ?? now.advanced(by: .seconds(1))
        guard start < end else { throw ValidationError("--from (\(start)) is not before --to (\(end))") }
        let folder = try data ?? site.plan().site.dataFolder
        do {
            let reader = try HistoryReader(folder: folder)
            let known = try reader.points()
            guard let stored = known.first(where: { $0.name == name }) else {
                let names = known.map(\.name.description)
                throw Refusal("the store in \(folder) knows no point '\(point)'\(suggestion(for: point, among: names))")
            }
            let samples = try reader.history(of: name, from: start, to: end, limit: .max)
            print(format == .csv ? Self.csv(samples, unit: stored.unit) : try Self.json(samples, unit: stored.unit), terminator: "")
        } catch {
            printError("headgate: \(error)")
            throw ExitCode(1)
        }
    }

    struct Refusal: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    private static func moment(_ text: String, before now: Timestamp, option: String) throws -> Timestamp {
        if let span = Duration(text: text) { return now.advanced(by: .zero - span) }
        if let time = Timestamp(iso8601: text) { return time }
        throw ValidationError("\(option): '\(text)' is neither a time such as 2026-06-21T04:00:00Z nor a span such as 2h")
    }

    private static func csv(_ samples: [StoredSample], unit: String) -> String {
        var text = "time,value,unit,quality,cause\n"
        for sample in samples {
            let reading = sample.reading
            let value = reading.value.map { quoted($0.plain) } ?? ""
            text += "\(sample.time),\(value),\(quoted(unit)),\(reading.quality.rawValue),\(reading.cause?.rawValue ?? "")\n"
        }
        return text
    }

    /// RFC 4180; a text that a spreadsheet might take for a formula is kept a text.
    private static func quoted(_ field: String) -> String {
        let risky = field.first.map { "=@\t\r".contains($0) } ?? false
        guard risky || field.contains(where: { ",\"\r\n".contains($0) }) else { return field }
        return "\"" + (risky ? "'" : "") + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }

    private struct Row: Encodable {
        let time: String
        let value: Plain?
        let unit: String
        let quality: String
        let cause: String?
    }

    private struct Plain: Encodable {
        let value: Value

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch value {
            case .bool(let value): try container.encode(value)
            case .int(let value): try container.encode(value)
            case .uint(let value): try container.encode(value)
            case .double(let value): try container.encode(value)
            case .string(let value): try container.encode(value)
            }
        }
    }

    private static func json(_ samples: [StoredSample], unit: String) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var text = "[\n"
        for (index, sample) in samples.enumerated() {
            let row = Row(
                time: "\(sample.time)", value: sample.reading.value.map(Plain.init), unit: unit, quality: sample.reading.quality.rawValue,
                cause: sample.reading.cause?.rawValue)
            text += String(decoding: try encoder.encode(row), as: UTF8.self) + (index + 1 < samples.count ? ",\n" : "\n")
        }
        return text + "]\n"
    }
}

extension Value {
    /// As it was, without decoration: numbers in the fewest digits that read back the same.
    fileprivate var plain: String {
        switch self {
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .uint(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let value): value
        }
    }
}

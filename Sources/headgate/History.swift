import ArgumentParser
import Documents
import Foundation
import Gateway
import Historian
import Series
import Telemetry

struct History: ParsableCommand {
    enum Form: String, EnumerableFlag {
        case text, csv, json
    }

    static let configuration = CommandConfiguration(
        abstract: "Prints what points were, from the store; the gateway may be running meanwhile.",
        discussion: """
            Times are ISO 8601 with their offset (2026-06-21T12:00:00+08:00), as clocks in the zone show them (2026-06-21 12:00, \
            2026-06-21), or a span back from now (90m, 2h, 7d). Rows of --every begin on the grid of UTC, days at midnight in the \
            zone. Where a point had no good sample for longer than its samples are apart, a gap is told, and why: the cause of bad \
            samples, device-silent, gateway-not-running, no-records. Without a form: a text on a terminal, CSV elsewhere.
            """)

    @Argument(help: "Points by their full names, site/device/point; * stands for anything: 'fleet/*/speed'.")
    var points: [String]

    @OptionGroup var site: SiteOption

    @Option(help: "The folder of the store; the site file's unless told.")
    var data: String?

    @Option(help: "The first moment wanted; an hour ago unless told.")
    var from: String?

    @Option(help: "The first moment no longer wanted; now unless told.")
    var to: String?

    @Option(help: "The span up to now, instead of --from: 24h.")
    var last: String?

    @Option(help: "Rows of this length instead of samples: 30s, 10m, 1h, 1d.")
    var every: String?

    @Option(help: "The figures of a row, by commas: \(Past.Figure.allCases.map(\.rawValue).joined(separator: ", ")).")
    var function: String?

    @Option(help: "How far apart good samples may be before it is a gap; three times the point's own median unless told.")
    var gap: String?

    @Option(help: "The time zone of what is shown and asked for; the site file's unless told, UTC without one.")
    var zone: String?

    @Flag(help: "The form of the answer.")
    var form: Form?

    func run() throws {
        let plan = data == nil ? try site.plan() : SitePlan.load(site.config).plan
        let clock = try HistoryClock(zone ?? plan?.site.zone ?? "UTC")
        let now = SystemTime().now().wall
        guard from == nil || last == nil else { throw ValidationError("--from and --last are two ways to say the same; give one") }
        let start = try clock.moment(from ?? last ?? "1h", before: now, option: from == nil ? "--last" : "--from")
        let end = min(try to.map { try clock.moment($0, before: now, option: "--to") } ?? .max, now.advanced(by: .milliseconds(1)))
        guard start < end else { throw ValidationError("--from (\(start)) is not before --to (\(end)), or not before now") }
        let figures = try self.figures
        let step = try self.step
        let silence = try gap.map { text in
            guard let span = Duration(text: text), span > .zero else { throw ValidationError("--gap: '\(text)' is no span such as 30s") }
            return span
        }
        let folder = data ?? plan?.site.dataFolder ?? ""
        do {
            let reader = try HistoryReader(folder: folder)
            var table = HistoryTable(clock: clock, figures: figures, step: step, titles: HistoryTable.titles(plan))
            for name in try wanted(of: reader, in: folder) {
                var question = PastQuestion(of: name, from: start, to: end, step: step)
                (question.silence, question.isFromSamples) = (silence, figures.contains { $0.needsSamples })
                question.offset = clock.offset
                let last = end.advanced(by: .milliseconds(-1))
                let samples = step == nil ? try reader.history(of: name, from: start, to: last, limit: .max) : []
                try table.add(reader.past(question), samples)
            }
            print(try table.written(as: form ?? (isatty(STDOUT_FILENO) == 1 ? .text : .csv)), terminator: "")
        } catch let error as Aggregation.TooManyBuckets {
            printError("headgate: that would be \(error.wanted) rows, and \(error.limit) are the most; ask for longer rows with --every")
            throw ExitCode(1)
        } catch {
            printError("headgate: \(error)")
            throw ExitCode(1)
        }
    }

    private var step: Step? {
        get throws {
            guard let every else {
                guard function == nil else { throw ValidationError("--function is of rows; say how long they are with --every") }
                return nil
            }
            guard let step = Step(every) else { throw ValidationError("--every: '\(every)' is not \(Step.rule)") }
            return step
        }
    }

    private var figures: [Past.Figure] {
        get throws {
            guard let function else { return Past.Figure.usual }
            return try function.split(separator: ",").map { word in
                guard let figure = Past.Figure(rawValue: String(word)) else {
                    let known = Past.Figure.allCases.map(\.rawValue)
                    throw ValidationError("--function: '\(word)' is none of \(known.joined(separator: ", "))")
                }
                return figure
            }
        }
    }

    /// The points that are named, each once, in the order of their names for a pattern.
    private func wanted(of reader: HistoryReader, in folder: String) throws -> [PointName] {
        let known = Set(try reader.points().map(\.name)).sorted()
        var found: [PointName] = []
        for pattern in points {
            let matches = known.filter { Self.matches($0.description[...], pattern[...]) }
            guard !matches.isEmpty else {
                let hint = suggestion(for: pattern, among: known.map(\.description))
                throw Refusal("the store in \(folder) knows no point '\(pattern)'\(hint)")
            }
            for name in matches where !found.contains(name) { found.append(name) }
        }
        return found
    }

    /// `*` stands for any characters, `/` too.
    static func matches(_ name: Substring, _ pattern: Substring) -> Bool {
        let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard pieces.count > 1, let first = pieces.first, let last = pieces.last else { return name == pattern }
        guard name.hasPrefix(first), name.count >= first.count + last.count, name.hasSuffix(last) else { return false }
        var rest = name.dropFirst(first.count).dropLast(last.count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let range = rest.firstRange(of: piece) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }

    struct Refusal: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}

extension Timestamp {
    fileprivate static let max = Timestamp(milliseconds: .max)
}

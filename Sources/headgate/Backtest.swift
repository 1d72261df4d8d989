import ArgumentParser
import Documents
import Foundation
import Gateway
import Historian
import Rules
import Sanitation
import Telemetry

struct Backtest: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tells what a rule would have done on what was stored, when and why, and how that differs from what was done.",
        discussion: """
            headgate backtest Rules/water/xinzhuang-drain.yaml --from 7d

            The rule need not be armed: any file will do that speaks of the site's points. It is judged by the gateway's own engine \
            in the time of the readings, so the same store gives the same answer to the byte. It begins with no memory of what was \
            before. The gateway may be running meanwhile.

            Times are ISO 8601 with their offset (2026-06-21T12:00:00+08:00, 2026-06-21T04:00:00Z) or a span back from now (90m, 2h, 7d).
            """)

    @Argument(help: ArgumentHelp("The rule's file.", valueName: "rule"))
    var file: String

    @Option(name: [.customLong("site"), .customLong("config")], help: "The site file.")
    var site = "site.yaml"

    @Option(help: "The folder of the store; the site file's unless told.")
    var data: String?

    @Option(help: "The first moment.")
    var from = "1d"

    @Option(help: "The first moment no longer played; now unless told.")
    var to: String?

    @Flag(help: "One JSON object instead of lines.")
    var json = false

    func run() throws {
        let now = SystemTime().now().wall
        let start = try Self.moment(from, before: now, option: "--from")
        let end = try to.map { try Self.moment($0, before: now, option: "--to") } ?? now
        guard start < end else { throw ValidationError("--from (\(start)) is not before --to (\(end))") }
        let (plan, mistakes) = SitePlan.load(site)
        guard let plan else { throw Self.refuse(mistakes) }
        let rule = try rule(of: plan)
        do {
            let report = try play(rule, plan, from: start, to: end)
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                print(String(decoding: try encoder.encode(report), as: UTF8.self))
            } else {
                for line in report.lines { print(line) }
            }
        } catch {
            printError("headgate: \(error)")
            throw ExitCode(1)
        }
    }

    private func play(_ rule: Rule, _ plan: SitePlan, from start: Timestamp, to end: Timestamp) throws -> BacktestReport {
        let reader = try HistoryReader(folder: data ?? plan.site.dataFolder)
        let rules = plan.rules.deriving(for: rule) + [rule]
        let points = Set(rules.flatMap(\.judges).flatMap { $0.points + $0.targets.map(\.point) }).sorted()
        var backtest = Rules.Backtest(rules: rules, directory: plan.directory, start: start)
        var day = start
        while day < end {
            // A day at a time, so that a year needs no more memory than its longest day.
            let next = min(end, day.advanced(by: .seconds(86_400)))
            var samples: [Sample] = []
            for point in points {
                let stored = try reader.history(of: plan.directory[point].name, from: day, to: next, limit: .max)
                samples += stored.map { Sample(point: point, time: $0.time, reading: $0.reading) }
            }
            samples.sort { ($0.time, $0.point) < ($1.time, $1.point) }
            backtest.play(samples.chunked())
            day = next
        }
        let events = try storedEvents(of: reader)
        return BacktestReport(&backtest, names: [rule.name], from: start, to: end, stored: events)
    }

    private func storedEvents(of reader: HistoryReader) throws -> [Event] {
        var events: [Event] = []
        var seq: Int64 = 0
        while true {
            let page = try reader.events(after: seq, limit: 1000)
            guard let last = page.last, last.seq > seq else { break }
            events += page.map(\.event)
            seq = last.seq
        }
        return events.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }

    // MARK: The rule

    private func rule(of plan: SitePlan) throws -> Rule {
        let mistakes = Mistakes()
        let name = name(in: plan.site.rules)
        if plan.rules.contains(where: { $0.name == name && $0.judges.contains { $0.derives != nil } }) {
            throw ValidationError("'\(name)' derives a point and wants nothing: there is nothing to compare")
        }
        guard let yaml = FileManager.default.contents(atPath: file).flatMap({ String(validating: $0, as: UTF8.self) }) else {
            throw Self.refuse([Mistake("the rule's file cannot be read as text", at: Place(file: file))])
        }
        let areas = plan.map.map { Districts.read(geojson: $0, file: plan.site.map?.path ?? "", into: mistakes) } ?? [:]
        var context = RuleContext(directory: plan.directory, areas: areas, zone: plan.site.zone)
        if let folder = plan.site.rules { context.takeCalendar(from: folder, into: mistakes) }
        let rule = RuleFiles.read(
            yaml: yaml, file: file, name: name, kinds: SitePlan.ruleKinds, context: context, into: mistakes)
        guard let rule, mistakes.isEmpty else { throw Self.refuse(mistakes.sorted) }
        return rule
    }

    /// The rule's own name if it is one of the site's; else that of its file.
    private func name(in folder: String?) -> String {
        let path = URL(filePath: file).standardizedFileURL.path
        let base = folder.map { URL(filePath: $0).standardizedFileURL.path + "/" } ?? ""
        let isOurs = !base.isEmpty && path.hasPrefix(base)
        let name = isOurs ? String(path.dropFirst(base.count)) : URL(filePath: path).lastPathComponent
        return name.hasSuffix(".yaml") ? String(name.dropLast(5)) : name
    }

    private static func refuse(_ mistakes: [Mistake]) -> ExitCode {
        for mistake in mistakes { printError("\(mistake)") }
        printError("\(mistakes.count) \(mistakes.count == 1 ? "mistake" : "mistakes")")
        return ExitCode(1)
    }

    private static func moment(_ text: String, before now: Timestamp, option: String) throws -> Timestamp {
        if let span = Duration(text: text) { return now.advanced(by: .zero - span) }
        if let time = Timestamp(iso8601: text) { return time }
        throw ValidationError("\(option): '\(text)' is neither a time such as 2026-06-21T04:00:00Z nor a span such as 2h")
    }
}

extension [Sample] {
    /// Sorted samples, those of one moment together.
    fileprivate func chunked() -> [[Sample]] {
        var chunks: [[Sample]] = []
        for sample in self {
            if chunks.last?.first?.time == sample.time {
                chunks[chunks.count - 1].append(sample)
            } else {
                chunks.append([sample])
            }
        }
        return chunks
    }
}

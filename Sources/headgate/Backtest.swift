import ArgumentParser
import Documents
import Foundation
import Gateway
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
            let report = try RuleTrial(of: rule, in: plan, folder: data ?? plan.site.dataFolder).report(from: start, to: end)
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

    // MARK: The rule

    private func rule(of plan: SitePlan) throws -> Rule {
        let mistakes = Mistakes()
        let name = name(in: plan.site.rules)
        if plan.rules.contains(where: { $0.name == name && !RuleTrial.isPossible(for: $0) }) {
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

import ArgumentParser
import Foundation
import Gateway
import Historian

struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Adds up what was produced, stored and lost, and what became of it at each destination.",
        discussion: """
            produced = stored + lost, and for each destination stored = acknowledged + pending + expired + dropped; what is \
            pending is counted in the journal, apart from the rest. The gateway may be running meanwhile, or have been killed. \
            The exit status is 1 if something does not add up.
            """)

    @OptionGroup var site: SiteOption

    @Option(help: "The folder of the store; the site file's unless told.")
    var data: String?

    @Flag(help: "One JSON object instead of lines.")
    var json = false

    func run() throws {
        let folder = try data ?? site.plan().site.dataFolder
        let ledger: Ledger
        do {
            ledger = try HistoryReader(folder: folder).ledger()
        } catch {
            printError("headgate: \(error)")
            throw ExitCode(1)
        }
        if json { print(try Self.json(ledger)) } else { for line in Self.lines(ledger) { print(line) } }
        for discrepancy in ledger.discrepancies { printError("does not add up: \(discrepancy)") }
        if !ledger.discrepancies.isEmpty { throw ExitCode(1) }
    }

    static func lines(_ ledger: Ledger) -> [String] {
        let lost = ledger.lost.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        var lines = [
            "produced   \(ledger.produced) samples = \(ledger.stored) stored + \(ledger.lost.values.reduce(0, +)) lost"
                + (lost.isEmpty ? "" : " (\(lost.joined(separator: ", ")))")
        ]
        for destination in ledger.destinations {
            lines.append(
                "\(destination.name): \(ledger.stored) stored = \(destination.acknowledged) acknowledged + \(destination.pending) pending"
                    + " + \(destination.expired) expired + \(destination.dropped) dropped"
                    + (destination.dropped == 0
                        ? "" : " (\(destination.samples.refused) refused by the receiver, \(destination.samples.unreadable) unreadable)"))
        }
        return lines
    }

    private struct Account: Encodable {
        struct Destination: Encodable {
            let name: String
            let acknowledged, pending, expired, dropped, refused, unreadable: Int
        }

        let produced, stored: Int
        let lost: [String: Int]
        let destinations: [Destination]
        let balanced: Bool
    }

    private static func json(_ ledger: Ledger) throws -> String {
        let account = Account(
            produced: ledger.produced, stored: ledger.stored, lost: ledger.lost,
            destinations: ledger.destinations.map {
                Account.Destination(
                    name: $0.name, acknowledged: $0.acknowledged, pending: $0.pending, expired: $0.expired, dropped: $0.dropped,
                    refused: $0.samples.refused, unreadable: $0.samples.unreadable)
            }, balanced: ledger.discrepancies.isEmpty)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(account), as: UTF8.self)
    }
}

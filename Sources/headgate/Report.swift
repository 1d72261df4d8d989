import ArgumentParser
import Gateway

struct Report: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tells what a run polled, stored, forwarded and decided, and whether the county has it all.",
        discussion: "For a gateway that has stopped. The exit status is 1 if the county did not receive what was read.")

    @OptionGroup var site: SiteOption

    @Option(help: "The folder of the store; the site file's unless told.")
    var data: String?

    @Option(help: "The base address of a VictoriaMetrics to ask what it holds.")
    var series: String?

    @Option(help: "A file in which the county's end says what it received.")
    var received: String?

    func run() async throws {
        let folder = try data ?? site.plan().site.dataFolder
        let report: RunReport
        do {
            report = try await RunReport(folder: folder, series: series, received: received)
        } catch {
            printError("headgate: \(error)")
            throw ExitCode(1)
        }
        for line in report.lines { print(line) }
        for shortfall in report.shortfalls { printError("missing    \(shortfall)") }
        if !report.shortfalls.isEmpty { throw ExitCode(1) }
        print("the county has received everything that was read")
    }
}

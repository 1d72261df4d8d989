import ArgumentParser

@main
struct Headgate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "headgate",
        abstract: "The edge gateway of a rural county: reads pumps, sensors and vehicles, judges, keeps and forwards.",
        subcommands: [
            Run.self, Check.self, Eval.self, Backtest.self, Simulate.self, History.self, LedgerCommand.self, Why.self, Report.self,
            Read.self, Write.self, Scan.self, ProfileCommand.self, Serve.self, PasswordCommand.self,
        ])
}

/// The site file, named on the command line or by the environment, or the one in this folder.
struct SiteOption: ParsableArguments {
    @Option(name: .long, help: "The site file.")
    var config: String = "site.yaml"
}

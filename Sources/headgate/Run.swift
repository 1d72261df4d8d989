import Acquisition
import ArgumentParser
import Gateway
import Logging

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the gateway until SIGTERM or Ctrl-C.",
        discussion: "A configuration with mistakes opens no socket; see 'headgate check'.")

    @OptionGroup var site: SiteOption

    @Option(help: "Keeps the store in this folder instead of the site file's.")
    var data: String?

    @Option(help: "Serves the console on this host:port instead of the site file's.")
    var listen: String?

    @Option(help: "The least that is logged: trace, debug, info, notice, warning, error.", transform: level)
    var logLevel: Logger.Level = .info

    func run() async throws {
        let plan = try site.plan()
        var overrides = GatewayOverrides(dataFolder: data)
        if let listen {
            do throws(LinkAddress.Malformed) {
                let (host, port) = try LinkAddress.hostAndPort(listen, default: nil)
                (overrides.listenHost, overrides.listenPort) = (host, port)
            } catch {
                throw ValidationError("--listen: \(error.message)")
            }
        }
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "headgate")
        logger.logLevel = logLevel
        do {
            try await Gateway(plan: plan, overrides: overrides, logger: logger).run()
        } catch {
            printError("headgate: \(error)")
            throw ExitCode(1)
        }
    }
}

private func level(_ word: String) throws -> Logger.Level {
    guard let level = Logger.Level(rawValue: word) else {
        let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("'\(word)' is not a level of the log; known: \(known)")
    }
    return level
}

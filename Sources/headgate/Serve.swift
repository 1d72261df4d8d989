import ArgumentParser
import Dispatch
import Fieldwork
import Foundation
import Telemetry

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves the points of a profile, as a device that is not there, until SIGTERM or Ctrl-C.",
        discussion: """
            headgate serve --profile Devices/lutan/pump.yaml --listen tcp://127.0.0.1:1502 --set running=true
            headgate serve --profile Devices/lutan/pump.yaml --listen rtu:///tmp/line --fault slow 800

            On rtu:///path it makes a pseudo-terminal and links it there. Port 0 is one of the system's choice, which the \
            line printed when it is ready names. Counters count, one a second; points that are set stand still.
            """)

    @Option(help: ArgumentHelp("The profile to serve.", valueName: "file"))
    var profile: String

    @Option(help: ArgumentHelp("tcp://host:port, rtu+tcp://host:port or rtu:///path", valueName: "address"))
    var listen: String

    @Option(help: "The unit that answers.")
    var unit: Int = 1

    @Option(parsing: .singleValue, help: ArgumentHelp("What a point holds.", valueName: "point=value"))
    var set: [String] = []

    @Option(parsing: .upToNextOption, help: "dead, garbage, or slow and milliseconds.")
    var fault: [String] = []

    func run() async throws {
        try await fieldwork { () async throws(FieldError) in
            let command = try ServeCommand(profile: profile, listen: listen, unit: unit, settings: set, fault: fault)
            let (signals, sources) = Self.endings()
            let service = try command.start(time: SystemTime())
            print(service.ready)
            flushOutput()
            for await _ in signals { break }
            for source in sources { source.cancel() }
            service.stop()
        }
    }

    /// SIGTERM and SIGINT as a stream, and what listens for them.
    private static func endings() -> (AsyncStream<Void>, [any DispatchSourceSignal]) {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
        return (stream, sources)
    }
}

/// A line is seen when it is printed, also in a file or a pipe.
func flushOutput() { fflush(nil) }

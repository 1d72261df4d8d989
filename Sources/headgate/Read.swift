import ArgumentParser
import Fieldwork
import Telemetry

struct Read: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Asks one device for the points of its profile, or for raw registers.",
        discussion: """
            headgate read --profile Devices/lutan/pump.yaml --link tcp://192.0.2.7:502 --unit 1 --point running --json
            headgate read --link 'rtu:///dev/ttyS0?baud=9600&parity=N&stop=1' --unit 7 --holding 100..119 --interpret

            Addresses count from 0, as on the wire. The exit status is 1 if the device answers nothing.
            """)

    @OptionGroup var target: TargetOptions

    @Option(help: ArgumentHelp("The device's profile.", valueName: "file"))
    var profile: String?

    @Option(help: ArgumentHelp("A point of the profile; all of them unless told.", valueName: "name"))
    var point: [String] = []

    @Option(help: ArgumentHelp("Holding registers, 100..119.", valueName: "addresses"))
    var holding: String?

    @Option(help: ArgumentHelp("Input registers.", valueName: "addresses"))
    var input: String?

    @Option(help: ArgumentHelp("Coils.", valueName: "addresses"))
    var coil: String?

    @Option(help: ArgumentHelp("Discrete inputs.", valueName: "addresses"))
    var discrete: String?

    @Flag(help: "Shows everything that the registers could mean, side by side.")
    var interpret = false

    @Flag(help: "Prints one JSON object a line.")
    var json = false

    func run() async throws {
        try await fieldwork { () async throws(FieldError) in
            let target = try target.target()
            let spans = [("holding", holding), ("input", input), ("coil", coil), ("discrete", discrete)]
            let raw = spans.filter { $0.1 != nil }
            if let profile {
                guard raw.isEmpty, !interpret else {
                    throw .usage(
                        "--profile reads points, and --holding, --input, --coil, --discrete and --interpret read raw registers; "
                            + "use one or the other")
                }
                try await ReadCommand(target, profile: profile, points: point, json: json).run(time: SystemTime()) { print($0) }
                return
            }
            guard point.isEmpty else { throw .usage("--point: a point is named by a profile; say which with --profile") }
            guard !raw.isEmpty else {
                throw .usage("nothing to read; name a --profile, or registers with --holding, --input, --coil or --discrete")
            }
            for (table, span) in raw {
                let style: RawRead.Style = json ? .json : interpret ? .interpreted : .plain
                try await RawRead(target, tableNamed: table, span: span ?? "", style: style).run { print($0) }
            }
        }
    }
}

/// Which device, where.
struct TargetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "tcp://host:port, rtu:///dev/ttyS0?baud=9600&parity=N&stop=1, rtu+tcp://host:port or rtu+listen://:port?text=pump-7",
            valueName: "address"))
    var link: String

    @Option(help: "The device's unit on its link.")
    var unit: Int = 1

    @Option(help: "How long the device may take to answer.")
    var timeout: String = "1s"

    func target() throws(FieldError) -> FieldTarget { try FieldTarget(link: link, unit: unit, timeout: timeout) }
}

/// Does it, or tells why not and leaves with the status for that.
func fieldwork(_ body: () async throws(FieldError) -> Void) async throws {
    do throws(FieldError) {
        try await body()
    } catch {
        for line in error.lines { printError(line) }
        throw ExitCode(error.status)
    }
}

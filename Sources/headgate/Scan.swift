import ArgumentParser
import Fieldwork
import Telemetry

struct Scan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Finds which units answer on a link, and how fast.",
        discussion: "headgate scan --link 'rtu:///dev/ttyS0?baud=9600&parity=N&stop=1' --units 1-247\n\nNothing is written.")

    @Option(help: ArgumentHelp("The link, as 'headgate read' takes it.", valueName: "address"))
    var link: String

    @Option(help: "The units to look for, 1-247 or 1,3,8-12.")
    var units: String = "1-247"

    @Option(help: "How long each may take to answer.")
    var timeout: String = "300ms"

    @Flag(help: "Prints one JSON object a line.")
    var json = false

    func run() async throws {
        try await fieldwork { () async throws(FieldError) in
            try await ScanCommand(link: link, units: units, timeout: timeout, json: json).run(time: SystemTime()) {
                print($0)
                flushOutput()
            }
        }
    }
}

import ArgumentParser
import Fieldwork
import Telemetry

struct Write: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes one value to one point of a device, and reads it back.",
        discussion: """
            headgate write --profile Devices/abb/acs580.yaml --link tcp://192.0.2.7:502 --unit 1 --point reference-1 --value 40

            Shows what the point is and asks first. The limits of the profile hold. The exit status is 1 if what is read back \
            is not what was written.
            """)

    @OptionGroup var target: TargetOptions

    @Option(help: ArgumentHelp("The device's profile.", valueName: "file"))
    var profile: String

    @Option(help: ArgumentHelp("The point to write.", valueName: "name"))
    var point: String

    @Option(parsing: .unconditional, help: "The value, in the point's unit, or the word of an enumeration.")
    var value: String

    @Flag(help: "Does not ask.")
    var yes = false

    func run() async throws {
        try await fieldwork { () async throws(FieldError) in
            let command = try WriteCommand(target.target(), profile: profile, point: point, value: value)
            let confirm: ((String) -> String?)? =
                yes
                ? nil
                : { question in
                    print(question, terminator: "")
                    flushOutput()
                    return readLine()
                }
            try await command.run(time: SystemTime(), tell: { print($0) }, confirm: confirm)
        }
    }
}

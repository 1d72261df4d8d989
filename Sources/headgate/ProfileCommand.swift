import ArgumentParser
import Fieldwork

struct ProfileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile", abstract: "Profiles as tables, for spreadsheets.",
        subcommands: [ProfileExportCommand.self, ProfileImportCommand.self])
}

struct ProfileExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Prints the points of a profile as CSV.",
        discussion: "What is said of the whole device, such as its pause, has no place in a table, and is named on standard error.")

    @Argument(help: "The profile's file.")
    var file: String

    @Flag(help: "RFC 4180, the one form there is.")
    var csv = false

    func run() async throws {
        try await fieldwork { () async throws(FieldError) in
            let export = try ProfileExport(profile: file)
            print(export.csv, terminator: "")
            if !export.lost.isEmpty { printError("\(file): warning: a table cannot hold \(export.lost.joined(separator: ", "))") }
        }
    }
}

struct ProfileImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Makes a profile from a table of points.",
        discussion: """
            The first line names the columns: name, table (coil, discrete, input, holding, json), address, type, order, scale, \
            offset, unit, every, range-low, range-high, writable, and the others that 'headgate profile export' prints. Every \
            mistake is printed as file:line:column: error: what is wrong, and then nothing is written.
            """)

    @Argument(help: "The table, RFC 4180, with a header.")
    var file: String

    @Option(help: "Maker and model.")
    var model: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the profile goes, in place of what is there.", valueName: "file.yaml"))
    var output: String

    func run() async throws {
        try await fieldwork { () async throws(FieldError) in
            let table = try ProfileImport(csv: file, model: model)
            try table.write(to: output)
            print("\(output): \(table.pointCount) \(table.pointCount == 1 ? "point" : "points") of \(model)")
        }
    }
}

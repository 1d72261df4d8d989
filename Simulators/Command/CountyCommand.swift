import ArgumentParser
import Plants

/// `county`: the simulated Lutan County.
@main
struct CountyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "county", abstract: "The invented Lutan County: pumps, a lily farm and a fleet, on real protocols.",
        subcommands: [Serve.self, PrintMap.self])
}

/// `county map > Simulators/county/map.geojson`
struct PrintMap: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "map", abstract: "Prints the county's map as GeoJSON.")

    func run() throws { print(CountyMap.shared.geoJSON, terminator: "") }
}

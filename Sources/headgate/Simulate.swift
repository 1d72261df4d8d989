import ArgumentParser
import Gateway
import Telemetry
import VirtualCounty

struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the whole gateway with the simulated county in virtual time, and checks after every step what must never happen.",
        discussion: """
            headgate simulate --site Simulators/county/site.yaml --days 10 --seed 7 --faults

            It opens no socket, no serial line and no folder, and writes to nothing real. Everything follows from the seed: the same \
            seed prints the same bytes. If something happens that must never happen, its item of the safety list, the seed, the time \
            and the last hundred events are printed, and the exit status is 1.
            """)

    @Option(name: [.customLong("site"), .customLong("config")], help: "The site file.")
    var site = "site.yaml"

    @Option(help: "How many days; 1 unless told.")
    var days: Int?

    @Option(help: "How many hours, instead of or besides days.")
    var hours: Int?

    @Option(help: "What chance follows from.")
    var seed: UInt64 = 1

    @Option(help: "The first of several seeds.")
    var fromSeed: UInt64?

    @Option(help: "How many seeds, one after the other.")
    var seeds = 1

    @Flag(help: "Lets devices, links, people, clocks, the power, the county's office and the gateway itself fail.")
    var faults = false

    private static let longest = 3660

    func validate() throws {
        for (name, value) in [("--days", days), ("--hours", hours)] {
            guard let value, !(1...Self.longest).contains(value) else { continue }
            throw ValidationError("\(name) is \(value); a simulation lasts 1 to \(Self.longest) of them")
        }
        guard (1...100_000).contains(seeds) else { throw ValidationError("--seeds is \(seeds); 1 to 100000 are run") }
    }

    func run() throws {
        let (plan, mistakes) = SitePlan.load(site)
        guard let plan else {
            for mistake in mistakes { printError("\(mistake)") }
            printError("\(mistakes.count) \(mistakes.count == 1 ? "mistake" : "mistakes")")
            throw ExitCode(1)
        }
        let spanHours = (days ?? (hours == nil ? 1 : 0)) * 24 + (hours ?? 0)
        print("SIMULATION: nothing here is real, and nothing real is written to.")
        for item in SafetyItem.allCases {
            if case .notBuilt(let why) = item.standing { print("not built   item \(item.rawValue), \(item.never): \(why)") }
            if case .elsewhere(let place) = item.standing { print("elsewhere   item \(item.rawValue), \(item.never): \(place)") }
        }
        let clock = ContinuousClock()
        for offset in 0..<UInt64(seeds) {
            var options = VirtualCounty.Options(seed: (fromSeed ?? seed) &+ offset)
            options.hasFaults = faults
            var county = VirtualCounty(plan, options)
            if offset == 0 { for name in county.silentDevices { print("silent      \(name): no plant stands for it") } }
            let begun = clock.now
            county.run(for: .seconds(spanHours * 3600))
            let took = (clock.now - begun).seconds
            let ratio = Double(county.now.nanoseconds) / 1e9 / max(took, 1e-9)
            printError("seed \(options.seed): \(Int(ratio)) times real time")
            guard let violation = county.violation else {
                for line in county.summary { print(line) }
                continue
            }
            print("VIOLATION   \(violation.description), seed \(options.seed), \(violation.at)")
            for line in county.chronicle.last { print("            \(line)") }
            throw ExitCode(1)
        }
    }
}

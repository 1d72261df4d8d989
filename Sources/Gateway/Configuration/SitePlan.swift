package import Acquisition
package import Alarms
package import Console
package import Control
package import Documents
import FoundationEssentials
import Modbus
import Profiles
package import Rules
import Sanitation
package import Telemetry
import Water

/// A configuration that holds together: every name in it names something. Making one opens nothing but files.
package struct SitePlan: Sendable {
    package let site: SiteFile
    package let directory: Directory
    package let links: [LinkPlan]
    package let brokers: [BrokerPlan]
    package let actuators: [ActuatorPlan]
    package let feeders: [FeederPlan]
    package let rules: [Rule]
    package let alarms: [AlarmDefinition]
    /// Who may act in the console; nil where nobody may.
    package let people: People?
    /// GeoJSON, as in the file.
    package let map: [UInt8]?
    /// What `check` found and its reader may like to know.
    package let summary: String
    /// For each polled link, how much of every second its scans need.
    package var busTimes: [BusTime] { links.map { $0.busTime() } }

    /// What is no mistake, and still worth a thought.
    package var warnings: [String] {
        let isHere = ["localhost", "::1"].contains(site.listenHost) || site.listenHost.hasPrefix("127.")
        guard people != nil, !isHere else { return [] }
        return [
            "people sign in at \(site.listenHost):\(site.listenPort), where their passwords travel in clear; "
                + "put something that has TLS before it, and listen on 127.0.0.1"
        ]
    }

    package static let ruleKinds: [any RuleKind] = [PumpBandKind(), PlausibleKind(), DistrictKind()] + QuantityKinds.all

    /// Judges the site file and everything it names, and returns every mistake at once.
    /// - Returns: nil for the plan if there is any mistake.
    package static func load(_ path: String) -> (plan: SitePlan?, mistakes: [Mistake]) {
        let mistakes = Mistakes()
        guard let data = FileManager.default.contents(atPath: path) else {
            let message = "the site file cannot be read; name another with --config"
            return (nil, [Mistake(message, at: Place(file: path))])
        }
        guard let yaml = String(validating: data, as: UTF8.self) else {
            return (nil, [Mistake("the site file is not UTF-8 text", at: Place(file: path))])
        }
        guard let site = SiteFile(yaml: yaml, file: path, into: mistakes) else { return (nil, mistakes.sorted) }
        let profiles = site.profiles.isEmpty ? [:] : Profiles.load(folder: site.profiles, into: mistakes)
        let assembly = Assembly(site: site, profiles: profiles, mistakes: mistakes)
        let field = Directory(points: assembly.points, devices: assembly.devices)
        let derived = site.rules.map { DerivedPoints(folder: $0, directory: field) } ?? .none
        let directory = derived.directory(extending: field)
        let map = site.map.flatMap { read(map: $0, into: mistakes) }
        let areas = map.map { Districts.read(geojson: $0, file: site.map?.path ?? "", into: mistakes) } ?? [:]
        let rules = site.rules.map {
            RuleFiles.load(
                folder: $0, kinds: ruleKinds,
                context: RuleContext(directory: directory, areas: areas, zone: site.zone, derived: derived), into: mistakes)
        }
        let guarding = RuleContext(directory: directory, zone: site.zone)
        let guards = GuardPlans(
            site.rules.map { GuardFiles.load(folder: $0, context: guarding, into: mistakes) } ?? [], zone: site.zone)
        let actuators = guards.guarding(assembly.actuators(in: directory), directory, into: mistakes)
        let alarms = site.rules.map { AlarmFiles.load(folder: $0, directory: directory, into: mistakes) } ?? []
        let people = site.people.flatMap { PeopleFile.load($0.path, into: mistakes) }
        guard mistakes.isEmpty else { return (nil, mistakes.sorted) }
        let plan = SitePlan(
            site: site, directory: directory, links: assembly.links, brokers: assembly.brokers,
            actuators: actuators, feeders: guards.feeders, rules: rules ?? [], alarms: alarms, people: people, map: map,
            summary: "\(site.sites.count) sites, \(directory.devices.count) devices, \(directory.points.count) points, "
                + "\(rules?.count ?? 0) rules, \(alarms.count) alarms, \(site.links.count) links, \(site.destinations.count) destinations")
        return (plan, [])
    }

    private static func read(map: (path: String, place: Place), into mistakes: Mistakes) -> [UInt8]? {
        guard let data = FileManager.default.contents(atPath: map.path), data.count <= 16 << 20 else {
            mistakes.add("the map '\(map.path)' cannot be read, or is larger than 16 MiB", at: map.place)
            return nil
        }
        return Array(data)
    }
}

import Acquisition
import Console
import Forwarding
import Historian
import Rules
import Telemetry

/// How the gateway is doing, gathered when the console asks.
struct StatusBoard: Sendable {
    let started: Timestamp
    let journal: Journal
    let forwarders: [Forwarder]
    let links: LinkBoard

    var status: ConsoleStatus {
        get async {
            let counters = journal.counters
            var destinations: [ConsoleStatus.Destination] = []
            for forwarder in forwarders {
                let status = await forwarder.status
                destinations.append(
                    ConsoleStatus.Destination(
                        name: status.name, acknowledged: Int64(status.acknowledged), pending: Int64(status.pending ?? 0),
                        failingSince: status.failingSince?.wall, reason: status.reason))
            }
            return ConsoleStatus(
                started: started, produced: Int64(counters.producedSamples), stored: Int64(counters.storedSamples),
                lost: Int64(counters.lostSamples.values.reduce(0, +)),
                links: links.all.map { ConsoleStatus.Link(name: $0.name, isUp: $0.isUp, since: $0.at, text: $0.reason) },
                destinations: destinations)
        }
    }
}

/// The rules as they stand, gathered when the console asks.
struct RuleBoard: Sendable {
    let brain: Brain
    let directory: Directory

    var lines: [RuleLine] {
        brain.rules.map { rule in
            RuleLine(
                name: rule.name, about: rule.about, trade: rule.trade, state: rule.state,
                marks: rule.marks.map {
                    RuleLine.Mark(point: directory[$0.point].name.description, word: $0.word, value: $0.value)
                })
        }
    }
}

extension ConsolePlan {
    init(_ plan: SitePlan) {
        self.init(
            county: plan.site.title, zone: plan.site.zone,
            sites: plan.site.sites.map { site in
                Site(
                    name: site.name, title: site.title, trade: Trade(site.trade), town: site.town, village: site.village,
                    place: site.position.map { Place(longitude: $0.longitude, latitude: $0.latitude) },
                    devices: site.devices.map { Device(name: $0.name, title: $0.title, profile: $0.profile) })
            }, map: plan.map)
    }
}

extension ConsolePlan.Trade {
    fileprivate init(_ trade: SiteFile.Trade) {
        switch trade {
        case .water: self = .water
        case .agriculture: self = .agriculture
        case .sanitation: self = .sanitation
        }
    }
}

import Acquisition
import Alarms
import Console
import Dispatch
import Forwarding
import Historian
import Rules
import Synchronization
import Telemetry

/// How the gateway is doing, gathered when the console asks.
struct StatusBoard: Sendable {
    let started: Timestamp
    let journal: Journal
    let forwarders: [Forwarder]
    let links: LinkBoard
    let field: FieldBoard

    var status: ConsoleStatus {
        get async {
            let counters = journal.counters
            var destinations: [ConsoleStatus.Destination] = []
            for forwarder in forwarders {
                let status = await forwarder.status
                destinations.append(
                    ConsoleStatus.Destination(
                        name: status.name, acknowledged: Int64(status.acknowledged), pending: Int64(status.pending ?? 0),
                        failingSince: status.failingSince?.wall, reason: status.reason, backlogRate: status.backlogRate,
                        estimatedEnd: status.estimatedEnd))
            }
            return ConsoleStatus(
                started: started, produced: Int64(counters.producedSamples), stored: Int64(counters.storedSamples),
                lost: Int64(counters.lostSamples.values.reduce(0, +)),
                links: links.all.map { ConsoleStatus.Link(name: $0.name, isUp: $0.isUp, since: $0.at, text: $0.reason) },
                destinations: destinations, devices: await field.devices, traffic: await field.traffic,
                storeTrouble: journal.failure.map { ConsoleStatus.Trouble(since: $0.since.wall, reason: $0.reason) })
        }
    }

    /// As of the last commit. Asked on a thread that may wait for the disk.
    func ledger() async throws -> ConsoleLedger {
        let journal = journal
        let answer = await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { continuation.resume(returning: Result { try journal.ledger() }) }
        }
        let ledger = try answer.get()
        var accounts = ledger.destinations.map {
            ConsoleLedger.Destination(
                name: $0.name, acknowledged: $0.acknowledged, pending: $0.pending, expired: $0.expired, refused: $0.samples.refused,
                unreadable: $0.samples.unreadable)
        }
        // One that has not settled anything yet is not in the store: all of it is pending.
        for forwarder in forwarders {
            let name = await forwarder.status.name
            guard !accounts.contains(where: { $0.name == name }) else { continue }
            accounts.append(.init(name: name, acknowledged: 0, pending: ledger.stored, expired: 0, refused: 0, unreadable: 0))
        }
        return ConsoleLedger(
            produced: ledger.produced, stored: ledger.stored, lost: ledger.lost, destinations: accounts.sorted { $0.name < $1.name },
            discrepancies: ledger.discrepancies)
    }
}

/// What the links know of their devices; nothing before there are links.
final class FieldBoard: Sendable {
    private let directory: Directory
    private let field = Mutex<Acquisition?>(nil)

    init(directory: Directory) { self.directory = directory }

    func meet(_ acquisition: Acquisition) { field.withLock { $0 = acquisition } }

    /// Links that are being stopped have nothing to say any more.
    var devices: [ConsoleStatus.Device] {
        get async {
            let states = (try? await field.withLock { $0 }?.deviceStates()) ?? []
            return states.map { id, state in
                ConsoleStatus.Device(name: "\(directory[id].site)/\(directory[id].name)", state: state.rawValue)
            }.sorted { $0.name < $1.name }
        }
    }

    var traffic: ConsoleStatus.Traffic? {
        get async {
            guard let figures = try? await field.withLock({ $0 })?.statistics() else { return nil }
            return ConsoleStatus.Traffic(requests: figures.requests, missedTicks: figures.missedTicks, messages: figures.messages)
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

extension RuleBoard {
    /// What a rule of the site would have done; nil where there is none of that name, or nothing to try. On a thread that may wait.
    func backtest(
        _ name: String, in plan: SitePlan, folder: String, from: Timestamp, to: Timestamp
    ) async throws -> (any Encodable & Sendable)? {
        guard let rule = plan.rules.first(where: { $0.name == name }), RuleTrial.isPossible(for: rule) else { return nil }
        let answer = await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async {
                continuation.resume(returning: Result { try RuleTrial(of: rule, in: plan, folder: folder).report(from: from, to: to) })
            }
        }
        return try answer.get()
    }
}

extension ConsoleAlarms {
    init(_ bell: AlarmBell) {
        self.init(
            present: { bell.ask { desk, now in Present(list: desk.list(at: now), figures: desk.figures(at: now.monotonic)) } },
            obey: { bell.obey($0) })
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

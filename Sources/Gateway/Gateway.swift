import Acquisition
import Alarms
import Console
import Control
import Forwarding
import FoundationEssentials
import Historian
package import Logging
import NIOPosix
import Rules
import ServiceLifecycle
import Synchronization
package import Telemetry
import UnixSignals

/// What a run may set otherwise than the site file does.
package struct GatewayOverrides: Sendable {
    package var dataFolder: String?
    package var listenHost: String?
    package var listenPort: Int?

    package init(dataFolder: String? = nil, listenHost: String? = nil, listenPort: Int? = nil) {
        self.dataFolder = dataFolder
        self.listenHost = listenHost
        self.listenPort = listenPort
    }
}

/// The whole gateway: makes everyone, introduces them to each other, and runs them until told to stop.
package final class Gateway: Sendable {
    private let plan: SitePlan
    private let journal: Journal
    private let receivers: [Receiver]
    private let forwarders: [Forwarder]
    private let time: any TimeSource
    private let brain: Brain
    private let bell: AlarmBell
    private let commands: [CountyCommands]
    private let acquisition: Acquisition
    private let console: Console
    private let logger: Logger

    /// Opens the store, and no socket yet.
    /// - Parameter onReady: told the console's port once it answers.
    package init(
        plan: SitePlan, overrides: GatewayOverrides = GatewayOverrides(), time: any TimeSource = SystemTime(), logger: Logger,
        onReady: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws {
        self.plan = plan
        self.logger = logger
        let loops = MultiThreadedEventLoopGroup.singleton
        let started = time.now().wall
        let table = PointTable(directory: plan.directory)
        let board = LinkBoard()
        let announce = Announcer(logger: logger)
        let folder = overrides.dataFolder ?? plan.site.dataFolder
        journal = try Journal(
            folder: folder, directory: plan.directory, time: time,
            options: plan.site.storeOptions, logger: logger, noticed: { announce.show($0) })
        let record: @Sendable (Event) -> Void = { [journal] event in
            journal.record(event)
            announce.show(event)
        }
        let actuator = FieldActuator()
        let guards = GuardMemory(folder: folder, time: time, record: record)
        let control = Self.control(for: plan, folder: folder, actuator: actuator, guards: guards, time: time, record: record)
        brain = Brain(
            table: table, rules: plan.rules, control: control, watched: control.watched, time: time,
            memory: .file("\(folder)/rules.json"), guards: guards, record: record)
        bell = AlarmBell(table: table, alarms: plan.alarms, time: time, memory: AlarmMemory(folder: folder), record: record)
        let company = Receiver.Company(
            directory: plan.directory, folder: folder, control: control, time: time,
            before: journal.committed, record: record, logger: logger)
        receivers = plan.site.destinations.map { Receiver($0, clientID: Self.clientID(of: plan.site), company: company) }
        commands = receivers.compactMap { $0.commands(to: control, time: time, record: record) }
        let forwarders = receivers.map { [journal] in
            Forwarder(destination: $0.destination, journal: journal, time: time, options: $0.forwarding, logger: logger)
        }
        self.forwarders = forwarders
        self.time = time
        let field = FieldBoard(directory: plan.directory)
        let status = StatusBoard(started: started, journal: journal, forwarders: forwarders, links: board, field: field)
        let rules = RuleBoard(brain: brain, directory: plan.directory)
        var settings = ConsoleSettings()
        settings.host = overrides.listenHost ?? plan.site.listenHost
        settings.port = overrides.listenPort ?? plan.site.listenPort
        console = try Console(
            plan: ConsolePlan(plan), table: table,
            history: { [journal] point, from, to, limit in
                try journal.history(of: point, from: from, to: to, limit: limit).map {
                    HistoryRow(time: $0.time, reading: $0.reading)
                }
            },
            events: { [journal] limit in try journal.latestEvents(limit: limit).reversed().map(\.event) },
            status: { await status.status }, rules: { rules.lines }, pasts: { [journal] in try await journal.past($0) },
            ledger: { try await status.ledger() },
            why: { name in
                guard let point = plan.directory.id(of: name) else { return nil }
                return await control.explain(point)
            }, backtest: { [plan] in try await rules.backtest($0, in: plan, folder: folder, from: $1, to: $2) },
            alarms: ConsoleAlarms(bell), machines: ConsoleMachines(control), people: plan.people, record: record, time: time,
            settings: settings, loops: loops, logger: logger, onReady: onReady)
        announce.meet(console)
        bell.meet { [console] in console.noticedAlarms() }
        brain.meet { [journal, bell, console] batches in
            for batch in batches {
                journal.append(batch)
                bell.hear(batch)
                console.noticed(batch)
            }
            journal.endTurn()
        }
        let sink = Sink(
            batch: { [journal, brain, bell, console] batch in
                table.apply(batch)
                journal.append(batch)
                brain.hear(batch)
                bell.hear(batch)
                console.noticed(batch)
            }, event: record, link: { board.note($0) }, turn: { [journal] in journal.endTurn() })
        acquisition = try await Acquisition(
            links: plan.links, brokers: plan.brokers, on: loops.next(), clientID: Self.clientID(of: plan.site), time: time,
            seed: UInt64(bitPattern: started.milliseconds), sink: sink)
        actuator.meet(acquisition)
        field.meet(acquisition)
    }

    /// Runs until SIGTERM, SIGINT or cancellation, then stops in order: the county's commands; rules and control, which need
    /// the links to leave the actuators safe; links; console; forwarders, which send what is left for a while; the store, after
    /// all others.
    package func run() async throws {
        journal.record(event("started: \(plan.summary)"))
        logger.info("started", metadata: ["county": "\(plan.site.title)"])
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: Part { [journal] in try await journal.run() }, successTerminationBehavior: .ignore),
                    .init(service: ForwardingPart(receivers: receivers, forwarders: forwarders, journal: journal, time: time)),
                    .init(service: Part { [bell] in try await bell.run() }),
                    .init(service: ConsolePart(console: console)),
                    .init(service: Part { [acquisition] in try await acquisition.run() }),
                    .init(service: Part { [brain] in try await brain.run() }),
                ] + commands.map { commands in .init(service: Part { await commands.run() }) }
                    + receivers.compactMap(\.orders).map { [time] orders in .init(service: Part { await orders.run(time) }) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}

extension Gateway {
    /// Control as earlier runs left it: the ids of commands, locks, and what guarded machines have done.
    private static func control(
        for plan: SitePlan, folder: String, actuator: FieldActuator, guards: GuardMemory, time: any TimeSource,
        record: @escaping @Sendable (Event) -> Void
    ) -> Control {
        let commands = CommandMemory(folder: folder, time: time, record: record)
        let locks = LockFile(folder: folder)
        let control = Control(
            plans: plan.limitedActuators, feeders: plan.feeders, directory: plan.directory, actuator: actuator, time: time,
            keep: { commands.keep($0) }, guardsChanged: { guards.changed($0) }, keepLocks: { locks.keep($0, number: $1) }, record: record)
        control.restore(commands.recall())
        // Before anything is wanted: nothing may start while the locks are not known.
        control.restore(locks.recall(hasRunBefore: guards.exists, at: time.now().wall))
        guards.recall(into: control)
        return control
    }

    /// The gateway's name at brokers: unique on this machine and the same after a restart.
    private static func clientID(of site: SiteFile) -> String {
        let machine = FileManager.default.contents(atPath: "/etc/machine-id").map { String(decoding: $0.prefix(8), as: UTF8.self) }
        return "headgate-\(machine ?? "0")-\(site.listenPort)"
    }

    private func event(_ text: String) -> Event {
        Event(time: time.now().wall, kind: .gateway, subject: "gateway", origin: "gateway", text: text)
    }
}

package import Logging
package import NIOCore
package import Series
package import Telemetry

import Foundation
import Hummingbird
import ServiceLifecycle

/// What the console asks of the rest of the gateway, each in one call.
package struct ConsoleSource: Sendable {
    /// A point's readings from a time until another, oldest first, at most so many.
    package typealias History = @Sendable (PointName, Timestamp, Timestamp, Int) async throws -> [HistoryRow]
    /// The latest events, newest first, at most so many.
    package typealias Events = @Sendable (Int) async throws -> [Event]
    package typealias Status = @Sendable () async -> ConsoleStatus
    package typealias Rules = @Sendable () async -> [RuleLine]
    /// A point's past in rows, with its gaps: one for each unit it had. Throws `Aggregation.TooManyBuckets`.
    package typealias Pasts = @Sendable (PastQuestion) async throws -> [Past]
    package typealias Ledger = @Sendable () async throws -> ConsoleLedger
    /// Who wants what of a point, who won, and what stands against it; nil where there is no such point.
    package typealias Why = @Sendable (PointName) async -> String?

    /// What a rule would have done on what is stored, as a value for JSON; nil where there is no such rule, or nothing to try.
    package typealias Backtest = @Sendable (String, Timestamp, Timestamp) async throws -> (any Encodable & Sendable)?

    let history: History
    let events: Events
    let status: Status
    let rules: Rules
    let pasts: Pasts
    let why: Why
    let backtest: Backtest
}

/// The pages and the HTTP interface. It shows, and hands on the orders of people who are signed in; it decides nothing.
package struct Console: Sendable {
    private let routes: Routes
    private let audience: Audience
    private let line: AlarmLine
    private let settings: ConsoleSettings
    private let loops: (any EventLoopGroup)?
    private let logger: Logger
    private let onReady: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - people: who may sign in and act; nil where nobody may.
    ///   - record: told who signed in, and who could not.
    ///   - loops: the event loops to share; nil takes the process's own.
    ///   - onReady: told the port once requests are answered.
    /// - Throws: `ConsoleError` if the pages are not there.
    package init(
        plan: ConsolePlan, table: PointTable, history: @escaping ConsoleSource.History,
        events: @escaping ConsoleSource.Events, status: @escaping ConsoleSource.Status,
        rules: @escaping ConsoleSource.Rules, pasts: @escaping ConsoleSource.Pasts, ledger: @escaping ConsoleSource.Ledger,
        why: @escaping ConsoleSource.Why = { _ in nil }, backtest: @escaping ConsoleSource.Backtest = { _, _, _ in nil },
        alarms: ConsoleAlarms = .none, machines: ConsoleMachines = .none, people: People? = nil,
        record: @escaping @Sendable (Event) -> Void = { _ in },
        time: any TimeSource, settings: ConsoleSettings = ConsoleSettings(), loops: (any EventLoopGroup)? = nil, logger: Logger,
        onReady: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws(ConsoleError) {
        let pages = settings.pages ?? Assets.folderBesideProgram() ?? Bundle.module.bundlePath + "/Pages"
        line = AlarmLine(alarms)
        audience = Audience(
            points: table.directory.points.count, limit: settings.liveClients, patience: settings.patience)
        routes = Routes(
            plan: plan, table: table,
            source: ConsoleSource(
                history: history, events: events, status: status, rules: rules, pasts: pasts, why: why, backtest: backtest),
            time: time, assets: try Assets(pages: pages, leaflet: settings.leaflet),
            live: LiveStream(audience: audience, table: table, line: line, time: time, refresh: settings.refresh), settings: settings,
            ledgerDesk: LedgerDesk(ask: ledger), alarms: alarms, machines: machines,
            doorkeeper: Doorkeeper(people: people, time: time, record: record))
        self.settings = settings
        self.loops = loops
        self.logger = logger
        self.onReady = onReady
    }

    /// A batch that the table has already taken in. Cheap, never waits, from any thread.
    package func noticed(_ batch: Batch) { audience.noticed(batch) }

    /// Cheap, never waits, from any thread.
    package func noticed(_ event: Event) { audience.noticed(event) }

    /// The alarms stand otherwise than they did. Cheap, never waits, from any thread.
    package func noticedAlarms() {
        line.changed()
        audience.noticedAlarms()
    }

    /// Serves until cancelled or shut down gracefully; every live stream is ended first, so that nobody holds up the end.
    package func run() async throws {
        let connections = settings.connections
        let application = Application(
            router: routes.router(),
            server: .http1(
                configuration: .init(
                    idleTimeout: .seconds(30),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 8192, maxHeaderListSize: 16_384, maxHeaderFieldCount: 64))),
            configuration: .init(
                address: .hostname(settings.host, port: settings.port), serverName: "headgate",
                availableConnectionsDelegate: .maximum(connections, logger: logger)),
            onServerRunning: { channel in onReady(channel.localAddress?.port ?? settings.port) },
            eventLoopGroupProvider: loops.map { .shared($0) } ?? .singleton,
            logger: logger)
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await keepPulse() }
                defer { group.cancelAll() }
                do {
                    try await application.run()
                } catch let error as IOError {
                    throw ConsoleError.cannotListen(host: settings.host, port: settings.port, cause: error.description)
                }
            }
        } onGracefulShutdown: {
            audience.dismiss()
        }
    }

    /// Once a second, drops who does not read; every so often, lets everyone know that we are here.
    private func keepPulse() async {
        var next = routes.time.now().monotonic + settings.pulse
        while (try? await routes.time.sleep(for: audience.isEmpty ? min(.seconds(5), settings.pulse) : .seconds(1))) != nil {
            let now = routes.time.now().monotonic
            audience.sweep(at: now)
            guard now >= next else { continue }
            audience.pulse()
            next = now + settings.pulse
        }
    }
}

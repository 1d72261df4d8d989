import Hummingbird
import NIOCore
import Telemetry

/// What answers requests: a table of paths, and the people behind it.
struct Routes: Sendable {
    let plan: ConsolePlan
    let table: PointTable
    let source: ConsoleSource
    let time: any TimeSource
    let assets: Assets
    let live: LiveStream
    let settings: ConsoleSettings
    /// History costs more than the rest: only a few at a time.
    let historyGate = Gate(limit: 4)
    /// And a rule that is tried on a month more than all of them.
    let trialGate = Gate(limit: 1)
    let ledgerDesk: LedgerDesk
    let alarms: ConsoleAlarms
    let machines: ConsoleMachines
    let doorkeeper: Doorkeeper

    private static let longestTrial = Duration.seconds(31 * 86_400)

    func router() -> Router<ConsoleContext> {
        let router = Router(context: ConsoleContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: Gatekeeper())
        router.get("/") { _, _ in
            Response(status: .found, headers: [.location: "/water", .cacheControl: "no-store"])
        }
        for trade in ConsolePlan.Trade.allCases {
            router.get("/\(trade.rawValue)") { request, _ in try assets.answer("\(trade.rawValue).html", to: request) }
        }
        router.get("/alarms") { request, _ in try assets.answer("alarms.html", to: request) }
        router.get("/assets/:file") { request, context in
            try assets.answer(context.parameters.get("file") ?? "", to: request)
        }
        router.get("/map.geojson") { _, _ in try map() }
        router.get("/live") { request, context in try live.response(to: request, over: context.channel) }
        router.get("/api/site") { _, _ in jsonAnswer(SiteAnswer(plan, directory: table.directory)) }
        router.get("/api/points") { _, _ in points() }
        router.get("/api/events") { request, _ in try await events(Query(request)) }
        router.get("/api/history") { request, _ in try await history(Query(request)) }
        router.get("/api/status") { _, _ in await status() }
        router.get("/api/why") { request, _ in try await why(Query(request)) }
        router.get("/api/backtest") { request, _ in try await backtest(Query(request)) }
        router.get("/api/ledger") { _, _ in jsonAnswer(try await ledgerDesk.ledger(at: time.now())) }
        router.get("/api/alarms") { _, _ in alarmsAnswer() }
        router.post("/api/alarms/order") { request, _ in try await orderAlarm(request) }
        router.get("/api/machines") { _, _ in machinesAnswer() }
        router.post("/api/machines/:order") { request, context in
            try await orderMachine(context.parameters.get("order") ?? "", request)
        }
        router.get("/api/session") { request, _ in
            jsonAnswer(SessionAnswer(doorkeeper.person(of: request), isReadOnly: doorkeeper.isReadOnly))
        }
        router.post("/api/session") { request, context in
            try await doorkeeper.signIn(request, from: context.channel.remoteAddress?.ipAddress ?? "unknown")
        }
        router.delete("/api/session") { request, _ in doorkeeper.signOut(request) }
        return router
    }

    private func map() throws -> Response {
        guard let map = plan.map else { throw Refusal(.notFound, "This county has no map.") }
        return Response(
            status: .ok, headers: [.contentType: "application/geo+json", .cacheControl: "no-cache"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: map)))
    }

    private func points() -> Response {
        let now = time.now()
        let states = table.snapshot(at: now.monotonic)
        return jsonAnswer(
            PointsAnswer(time: now.wall, points: zip(table.directory.points, states).map { PointAnswer($0, state: $1) }))
    }

    private func why(_ query: Query) async throws -> Response {
        try query.knows(["point"])
        guard let text = query["point"], let name = PointName(text) else {
            throw Refusal(.badRequest, "'point' is a point's full name, site/device/point.")
        }
        guard let answer = await source.why(name) else { throw Refusal(.notFound, "There is no point '\(name)'.") }
        let events = try await source.events(500).filter { $0.subject == text }.prefix(10).map(EventAnswer.init)
        return jsonAnswer(WhyAnswer(point: text, answer: answer, events: Array(events)))
    }

    private func backtest(_ query: Query) async throws -> Response {
        try query.knows(["rule", "from", "to"])
        guard let rule = query["rule"] else { throw Refusal(.badRequest, "Say which rule: ?rule=water/drain.") }
        let now = time.now().wall
        let to = min(try query.time("to") ?? now, now)
        let from = try query.time("from") ?? to.advanced(by: .seconds(-86_400))
        guard from < to else { throw Refusal(.badRequest, "'from' must be before 'to', and not in the future.") }
        guard to.since(from) <= Self.longestTrial else {
            throw Refusal(.badRequest, "A rule is tried on 31 days at most here; `headgate backtest` has no limit.")
        }
        guard trialGate.enter() else { throw Refusal(.serviceUnavailable, "Another rule is being tried; ask again.") }
        defer { trialGate.leave() }
        guard let report = try await source.backtest(rule, from, to) else {
            throw Refusal(.notFound, "There is no rule '\(rule.prefix(200))' that wants anything.")
        }
        return jsonAnswer(report)
    }

    private func events(_ query: Query) async throws -> Response {
        try query.knows(["limit"])
        let limit = try query.whole("limit", in: 1...500) ?? 100
        return jsonAnswer(EventsAnswer(events: try await source.events(limit).prefix(limit).map(EventAnswer.init)))
    }

    private func status() async -> Response {
        let now = time.now()
        let figures = live.audience.figures
        return jsonAnswer(
            StatusAnswer(
                time: now.wall, isTrusted: now.isTrusted, gateway: await source.status(), rules: await source.rules(),
                watchers: .init(
                    live: figures.live, limit: settings.liveClients, refused: figures.refused, dropped: figures.dropped)))
    }
}

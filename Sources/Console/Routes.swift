import Hummingbird
import NIOCore
import Telemetry

/// What answers requests: a table of paths, and the people behind it.
struct Routes: Sendable {
    static let mostHistoryRows = 20_000

    let plan: ConsolePlan
    let table: PointTable
    let source: ConsoleSource
    let time: any TimeSource
    let assets: Assets
    let live: LiveStream
    let settings: ConsoleSettings
    /// History costs more than the rest: only a few at a time.
    let historyGate = Gate(limit: 4)

    func router() -> Router<ConsoleContext> {
        let router = Router(context: ConsoleContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: Gatekeeper())
        router.get("/") { _, _ in
            Response(status: .found, headers: [.location: "/water", .cacheControl: "no-store"])
        }
        for trade in ConsolePlan.Trade.allCases {
            router.get("/\(trade.rawValue)") { request, _ in try assets.answer("\(trade.rawValue).html", to: request) }
        }
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

    private func events(_ query: Query) async throws -> Response {
        try query.knows(["limit"])
        let limit = try query.whole("limit", in: 1...500) ?? 100
        return jsonAnswer(EventsAnswer(events: try await source.events(limit).prefix(limit).map(EventAnswer.init)))
    }

    private func history(_ query: Query) async throws -> Response {
        try query.knows(["point", "from", "to", "most"])
        guard let text = query["point"] else { throw Refusal(.badRequest, "Say which point: ?point=site/device/point.") }
        guard let name = PointName(text) else {
            throw Refusal(.badRequest, "'\(text.prefix(200))' is not a point's name; it has the form site/device/point.")
        }
        guard let id = table.directory.id(of: name) else { throw Refusal(.notFound, "There is no point \(name).") }
        let to = try query.time("to") ?? time.now().wall
        let from = try query.time("from") ?? to.advanced(by: .seconds(-3600))
        guard from < to else { throw Refusal(.badRequest, "'from' must be before 'to'.") }
        let most = try query.whole("most", in: 2...5000) ?? 600
        guard historyGate.enter() else { throw Refusal(.serviceUnavailable, "Too many histories at once; ask again.") }
        defer { historyGate.leave() }
        let rows = try await source.history(name, from, to, Self.mostHistoryRows)
        return jsonAnswer(
            HistoryAnswer(
                point: name.description, unit: table.directory[id].unit, from: from, to: to,
                isTruncated: rows.count >= Self.mostHistoryRows,
                rows: thinned(rows, to: most).map(HistoryAnswer.Row.init)))
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

import AsyncHTTPClient
import Console
import FoundationEssentials
import Logging
import NIOCore
import NIOHTTP1
import Series
import Synchronization
import Telemetry
import Testing

/// Serves a county's console on a port the system chooses while `body` runs.
func serving<Result: Sendable>(
    _ county: County, settings: (inout ConsoleSettings) -> Void = { _ in },
    history: @escaping @Sendable (PointName, Timestamp, Timestamp, Int) async throws -> [HistoryRow] = { _, _, _, _ in [] },
    ledger: @escaping @Sendable () async throws -> ConsoleLedger = { Story.ledger },
    alarms: ConsoleAlarms = .none, machines: ConsoleMachines = .none, people: People? = nil,
    _ body: (Console, Site) async throws -> Result
) async throws -> Result {
    var chosen = ConsoleSettings()
    chosen.port = 0
    settings(&chosen)
    let (ports, ready) = AsyncStream.makeStream(of: Int.self)
    let console = try Console(
        plan: county.plan, table: county.table, history: history,
        events: { limit in county.events.withLock { Array($0.prefix(limit)) } },
        status: {
            ConsoleStatus(
                started: Timestamp(milliseconds: 0), produced: 182_440, stored: 182_440, lost: 0,
                destinations: [.init(name: "victoria", acknowledged: 182_300, pending: 140)], devices: Story.devices,
                traffic: .init(requests: 80_112, missedTicks: 3, messages: 512))
        },
        rules: { Story.rules }, pasts: { try await pasts($0, history) }, ledger: ledger,
        why: { [county] in county.directory.id(of: $0) == nil ? nil : "\($0) is left as it is." },
        backtest: { rule, from, to in
            rule == "water/xinzhuang-drain" ? Story.Trial(rule: rule, span: to.since(from).components.seconds) : nil
        },
        alarms: alarms, machines: machines, people: people,
        record: { [county] event in county.events.withLock { $0.append(event) } }, time: county.time,
        settings: chosen,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        onReady: { port in
            ready.yield(port)
            ready.finish()
        })
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { ready.finish() }
            try await console.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await group.waitForAll()
            throw Trouble.neverReady
        }
        let result = try await body(console, Site(port: port))
        group.cancelAll()
        do { try await group.waitForAll() } catch is CancellationError {}
        return result
    }
}

/// What the store would make of a history.
private func pasts(_ question: PastQuestion, _ history: ConsoleSource.History) async throws -> [Past] {
    let edges =
        try question.step?.edges(from: question.from, to: question.to, limit: question.limit, offset: question.offset) ?? []
    let rows = try await history(question.point, question.from, question.to.advanced(by: .milliseconds(-1)), .max)
    var gathering = Gathering(from: question.from, to: question.to)
    gathering.add(Columns(rows.map { (time: $0.time, reading: $0.reading) }))
    return [
        gathering.past(of: question.point, unit: "m", edges: edges, silence: question.silence, isWeighted: question.isFromSamples)
    ]
}

enum Trouble: Error { case neverReady, ended }

/// The console as a client sees it.
struct Site: Sendable {
    let port: Int

    var base: String { "http://127.0.0.1:\(port)" }

    struct Answer {
        let status: Int
        let headers: [String: String]
        let body: String

        func decoded<Body: Decodable>(as type: Body.Type = Body.self) throws -> Body {
            try JSONDecoder().decode(type, from: Data(body.utf8))
        }
    }

    func get(_ path: String, method: String = "GET", headers: [(String, String)] = [], body: String = "") async throws -> Answer {
        var request = HTTPClientRequest(url: base + path)
        request.method = .init(rawValue: method)
        request.headers.add(contentsOf: .init(headers))
        if !body.isEmpty { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        let body = try await response.body.collect(upTo: 8 << 20)
        return Answer(
            status: Int(response.status.code),
            headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first },
            body: String(buffer: body))
    }

    /// A live stream, not yet read.
    func live() async throws -> Frames {
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: base + "/live"), deadline: .distantFuture)
        #expect(response.status.code == 200)
        return Frames(chunks: response.body.makeAsyncIterator())
    }
}

/// Reads server-sent events one by one, and only when asked.
struct Frames {
    struct Frame {
        let name: String
        let data: String

        func decoded<Body: Decodable>(as type: Body.Type = Body.self) throws -> Body {
            try JSONDecoder().decode(type, from: Data(data.utf8))
        }
    }

    var chunks: HTTPClientResponse.Body.AsyncIterator
    private var text = ""

    init(chunks: HTTPClientResponse.Body.AsyncIterator) { self.chunks = chunks }

    @concurrent mutating func next() async throws -> Frame {
        while true {
            if let end = text.firstRange(of: "\n\n") {
                let lines = text[..<end.lowerBound].split(separator: "\n")
                text = String(text[end.upperBound...])
                return Frame(
                    name: lines.first { $0.hasPrefix("event: ") }.map { String($0.dropFirst(7)) } ?? "",
                    data: lines.first { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) } ?? "")
            }
            guard let chunk = try await chunks.next() else { throw Trouble.ended }
            text += String(buffer: chunk)
        }
    }

    /// The next frame of that name; others are passed over.
    @concurrent mutating func next(named name: String) async throws -> Frame {
        while true {
            let frame = try await next()
            if frame.name == name { return frame }
        }
    }
}

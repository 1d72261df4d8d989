import Alarms
import Console
import Documents
import Synchronization
import Telemetry
import Testing

/// The alarms of a county's pump station and the people who answer them.
final class AlarmHouse: Sendable {
    static let files = [
        "water/high": "point: xinzhuang-pump/well/level\nwhen: { high: 4.8, deadband: 0.12 }\npriority: high\nre-alarm: 30m",
        "water/high-high": "point: xinzhuang-pump/well/level\nwhen: { high-high: 5.4, deadband: 0.12 }\npriority: highest",
        "water/fault":
            "points: xinzhuang-pump/pump-*/fault\nwhen: { is: true }\nlatching: true\npriority: medium\n"
            + "first-out: { group: pumps, within: 1m }",
    ]
    static let guidance = """
        alarm: 1
        about: 前池水位高
        cause: 进水超过排水能力
        consequence: 道路进水
        action: 查看两台泵是否都在运行
        time-allowed: 30m
        role: 泵站值班员

        """

    let county: County
    private let desk: Mutex<AlarmDesk>

    init(_ county: County) throws {
        self.county = county
        let mistakes = Mistakes()
        let files = Self.files.sorted { $0.key < $1.key }.map { ($0.key, "\($0.key).yaml", Self.guidance + $0.value) }
        let alarms = AlarmFiles.read(files, directory: county.directory, into: mistakes)
        try #require(mistakes.isEmpty, "\(mistakes.sorted)")
        desk = Mutex(AlarmDesk(alarms, at: county.time.now()))
    }

    var console: ConsoleAlarms {
        ConsoleAlarms(
            present: {
                let now = self.county.time.now()
                return self.desk.withLock { .init(list: $0.list(at: now), figures: $0.figures(at: now.monotonic)) }
            },
            obey: { order in
                let now = self.county.time.now()
                let (changes, refusal) = self.desk.withLock { $0.obey(order, at: now) }
                self.county.events.withLock { $0 += changes.map(\.event) }
                return refusal
            })
    }

    /// Readings of a device as the desk and the page get them.
    func set(_ device: String, _ values: [(String, Reading)], telling console: Console? = nil) {
        county.set(device, values, telling: console)
        let now = county.time.now()
        let news = values.compactMap { name, reading in
            county.directory.id(of: "\(device)/\(name)").map {
                Heard(point: $0, reading: reading, staleAt: now.monotonic + county.directory[$0].maximumAge + .nanoseconds(1))
            }
        }
        let changes = desk.withLock { $0.hear(news, at: now) }
        county.events.withLock { $0 += changes.map(\.event) }
        if !changes.isEmpty { console?.noticedAlarms() }
    }

    static let password = "a-good-password"
    /// Few rounds: what is slow on purpose is not what is tested.
    static let people = People(
        [("duty", "值班班长", Person.Role.operator), ("chief", "主管", .supervisor), ("village", "村委", .viewer)].map { name, title, role in
            People.Entry(
                person: Person(name: name, title: title, role: role), phone: "", password: PasswordHash(of: password, rounds: 1000))
        })
}

extension Site {
    /// As our own page would send it.
    func send(
        _ method: String, _ path: String, _ body: String = "", cookie: String? = nil, origin: String? = "own",
        type: String? = "application/json"
    ) async throws -> Answer {
        var headers: [(String, String)] = []
        if let type { headers.append(("Content-Type", type)) }
        if let origin { headers.append(("Origin", origin == "own" ? base : origin)) }
        if let cookie { headers.append(("Cookie", cookie)) }
        return try await get(path, method: method, headers: headers, body: body)
    }

    /// The cookie of someone who has signed in.
    func signIn(_ name: String, _ password: String = AlarmHouse.password) async throws -> String {
        let answer = try await send("POST", "/api/session", "{\"name\":\"\(name)\",\"password\":\"\(password)\"}")
        #expect(answer.status == 200)
        return String(try #require(answer.headers["set-cookie"]).prefix { $0 != ";" })
    }

    func order(_ order: String, _ alarm: String, more: String = "", as cookie: String?) async throws -> Answer {
        try await send("POST", "/api/alarms/order", "{\"order\":\"\(order)\",\"alarm\":\"\(alarm)\"\(more)}", cookie: cookie)
    }
}

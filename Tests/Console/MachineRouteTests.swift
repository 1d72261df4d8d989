import Console
import Control
import FoundationEssentials
import Synchronization
import Telemetry
import TestSupport
import Testing

@Suite("The console's machines")
struct MachineRouteTests {
    struct Body: Decodable {
        struct Lock: Decodable { let person: String, phone: String, reason: String }
        struct Holder: Decodable { let owner: String, priority: String, isAtWork: Bool }
        struct Machine: Decodable {
            let point: String, isAtWork: Bool, holder: Holder?, locks: [Lock], forced: String?, kept: [String], against: [String]
        }
        let warning: String, isReadOnly: Bool, machines: [Machine]
    }
    struct Selected: Decodable {
        struct Standing: Decodable { let says: String, objection: String? }
        let token: String, left: Int64, standings: [Standing]
    }
    struct Told: Decodable { let stage: String, isVerified: Bool, text: String? }

    /// Pump 1 with a selector, behind a field that obeys unless it is told not to.
    final class House: Actuator {
        static let run = "xinzhuang-pump/pump-1/run"
        let time = ManualTime()
        let county: County
        private let control = Mutex<Control?>(nil)
        let isStuck = Mutex(false)
        let writes = Mutex<[Bool]>([])

        init() throws {
            county = County(time: time)
            let (run, running, selector) = (try id("run"), try id("running"), try id("selector"))
            var plan = ActuatorPlan(point: run, safe: .bool(false), feedback: running, within: .seconds(10))
            plan.guards.permissives = [
                Check(points: [selector], says: "the selector stands on auto") { look in
                    guard case .good(let value)? = look(selector) else { return .unseen("it was not read") }
                    return value == .int(2) ? .holds : .fails("it stands on \(value.number ?? -1)")
                }
            ]
            let control = Control(plans: [plan], directory: county.directory, actuator: self, time: time) { [county] event in
                county.events.withLock { $0.append(event) }
            }
            self.control.withLock { $0 = control }
        }

        private func id(_ point: String) throws -> PointID {
            try #require(county.directory.id(of: "xinzhuang-pump/pump-1/\(point)"))
        }

        var machines: ConsoleMachines { control.withLock { $0 }.map { ConsoleMachines($0) } ?? .none }

        func read(_ values: [(String, Value)]) async throws {
            let now = time.now()
            let samples = try values.map { Sample(point: try id($0), time: now.wall, reading: .good($1)) }
            await control.withLock { $0 }?.observe(Batch(device: DeviceID(index: 0), received: now, samples: samples))
        }

        func write(_ value: Value, to point: PointID) async -> WriteOutcome {
            writes.withLock { $0.append(value == .bool(true)) }
            if !isStuck.withLock({ $0 }) { try? await read([("running", value)]) }
            return .echoed(value)
        }

        func serve(_ body: (Site) async throws -> Void) async throws {
            try await read([("run", .bool(false)), ("running", .bool(false)), ("selector", .int(2))])
            try await serving(county, machines: machines, people: AlarmHouse.people) { _, site in try await body(site) }
        }
    }

    static func order(_ site: Site, _ order: String, _ members: String, as cookie: String?) async throws -> Site.Answer {
        try await site.send("POST", "/api/machines/\(order)", "{\"point\":\"\(House.run)\"\(members)}", cookie: cookie)
    }

    static func pump(_ site: Site) async throws -> Body.Machine {
        let body: Body = try await site.get("/api/machines").decoded()
        return try #require(body.machines.first)
    }

    @Test("a start takes two steps of one person, and is told to be running only once that was seen")
    func start() async throws {
        let house = try House()
        try await house.serve { site in
            let duty = try await site.signIn("duty")
            #expect(
                try await Self.order(site, "operate", ",\"minutes\":60", as: duty).status == 400, "a start without its first step"
            )
            let selected: Selected = try await Self.order(site, "select", "", as: duty).decoded()
            #expect(
                selected.left == 15_000
                    && selected.standings.contains { $0.says == "the selector stands on auto" && $0.objection == nil })
            let chief = try await site.signIn("chief")
            let stolen = try await Self.order(site, "operate", ",\"minutes\":60,\"token\":\"\(selected.token)\"", as: chief)
            #expect(stolen.status == 409 && house.writes.withLock { $0 } == [])
            let again: Selected = try await Self.order(site, "select", "", as: duty).decoded()
            let told: Told = try await Self.order(site, "operate", ",\"minutes\":60,\"token\":\"\(again.token)\"", as: duty)
                .decoded()
            #expect(told.stage == "confirmed" && told.isVerified && house.writes.withLock { $0 } == [true])
            let pump = try await Self.pump(site)
            #expect(pump.isAtWork && pump.holder?.owner == "duty" && pump.holder?.priority == "manual")
            let stopped: Told = try await Self.order(site, "stop", "", as: chief).decoded()
            #expect(stopped.stage == "done" && house.writes.withLock { $0 } == [true, false], "a stop takes one step")
        }
        #expect(house.county.events.withLock { $0 }.contains { $0.origin == "duty" && $0.text.hasPrefix("writes true") })
    }

    @Test("a start that cannot go is refused with the permissive that fails")
    func permissive() async throws {
        let house = try House()
        try await house.serve { site in
            let duty = try await site.signIn("duty")
            try await house.read([("selector", .int(1))])
            let selected: Selected = try await Self.order(site, "select", "", as: duty).decoded()
            #expect(selected.standings.contains { $0.objection?.contains("it stands on 1") == true })
            let refused = try await Self.order(site, "operate", ",\"minutes\":60,\"token\":\"\(selected.token)\"", as: duty)
            #expect(refused.status == 409 && refused.body.contains("the selector stands on auto"))
            #expect(house.writes.withLock { $0 } == [])
        }
    }

    @Test("a machine that does not follow is told not to be verified")
    func stuck() async throws {
        let house = try House()
        house.isStuck.withLock { $0 = true }
        try await house.serve { site in
            let duty = try await site.signIn("duty")
            let selected: Selected = try await Self.order(site, "select", "", as: duty).decoded()
            async let answer = Self.order(site, "operate", ",\"minutes\":60,\"token\":\"\(selected.token)\"", as: duty)
            await house.time.sleepers(2)
            await house.time.advance(by: .seconds(21))
            let told: Told = try await answer.decoded()
            #expect(!told.isVerified && told.text != nil)
        }
    }

    @Test("never 22: a write without a person and a role", arguments: [nil, "village"])
    func roles(name: String?) async throws {
        let house = try House()
        try await house.serve { site in
            var cookie: String?
            if let name { cookie = try await site.signIn(name) }
            for order in ["select", "operate", "stop", "release", "lock", "unlock", "reset", "unseal"] {
                let answer = try await Self.order(
                    site, order, ",\"subject\":\"xinzhuang-pump/pump-1\",\"reason\":\"x\",\"phone\":\"1\"", as: cookie)
                #expect(answer.status == (name == nil ? 401 : 403), "\(order)")
            }
            #expect(try await Self.pump(site).locks.isEmpty && house.writes.withLock { $0 } == [])
        }
    }

    @Test("never 24: someone believes that automation is on when it is off: who holds a machine is shown until it is given back")
    func mode() async throws {
        let house = try House()
        try await house.serve { site in
            let duty = try await site.signIn("duty")
            #expect(try await Self.pump(site).holder == nil)
            #expect(try await Self.order(site, "stop", "", as: duty).status == 200)
            let held = try #require(try await Self.pump(site).holder)
            #expect(held.owner == "duty" && held.priority == "manual" && !held.isAtWork, "nobody's rule starts it, and that is seen")
            #expect(try await Self.order(site, "release", "", as: duty).status == 200)
            #expect(try await Self.pump(site).holder == nil)
        }
        let told = house.county.events.withLock { $0 }.filter { $0.subject == House.run && $0.origin == "duty" }.map(\.text)
        #expect(told.count >= 2 && told.last?.contains("lets go") == true, "\(told)")
    }

    @Test("a lock-out is shown with its name, refuses every start, and only its own or a supervisor with a reason takes it away")
    func lockOut() async throws {
        let house = try House()
        try await house.serve { site in
            let (duty, chief) = (try await site.signIn("duty"), try await site.signIn("chief"))
            let subject = ",\"subject\":\"xinzhuang-pump/pump-1\""
            #expect(
                try await Self.order(site, "lock", subject + ",\"reason\":\"换密封\",\"phone\":\"13800000000\"", as: duty).status
                    == 200)
            let lock = try #require(try await Self.pump(site).locks.first)
            #expect(lock.person == "duty" && lock.phone == "13800000000" && lock.reason == "换密封")
            let body: Body = try await site.get("/api/machines").decoded()
            #expect(body.warning.contains("not an isolation of energy"))
            let selected: Selected = try await Self.order(site, "select", "", as: chief).decoded()
            let refused = try await Self.order(site, "operate", ",\"minutes\":60,\"token\":\"\(selected.token)\"", as: chief)
            #expect(refused.status == 409 && refused.body.contains("duty") && refused.body.contains("13800000000"))
            let unlock = subject + ",\"holder\":\"duty\""
            #expect(try await Self.order(site, "unlock", unlock, as: chief).status == 409, "not without a reason")
            #expect(try await Self.order(site, "unlock", unlock + ",\"reason\":\"下班忘记\"", as: chief).status == 200)
            #expect(try await Self.pump(site).locks.isEmpty && house.writes.withLock { $0 } == [])
        }
    }
}

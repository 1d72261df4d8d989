import Control
import Hummingbird
import Telemetry

/// The machines as they stand, and people's orders to them: a start in two steps, a stop in one, lock-outs, resets.
extension Routes {
    /// How long the second step waits for the machine to follow, before it says that it has not been seen to.
    private static let patience = Duration.seconds(20)
    /// The last words of the addresses that order something.
    static let machineOrders = ["select", "operate", "stop", "release", "lock", "unlock", "reset", "unseal"]
    private static let longestHold = 24 * 60

    private struct OrderBody: Decodable {
        let point: String?
        /// A lock's: `site/device`, or a point.
        let subject: String?
        let token: String?
        /// How long a start, or a stop, stands; a stop without it stands until it is given back.
        let minutes: Int?
        let isConfirmed: Bool?
        let holder: String?
        let phone: String?
        let reason: String?
        let interlock: String?
    }

    private static let shape = "{ \"point\": \"site/device/point\", … }"

    func machinesAnswer() -> Response {
        jsonAnswer(
            MachinesAnswer(
                time: time.now().wall, isReadOnly: doorkeeper.isReadOnly, warning: LockOut.warning,
                machines: machines.present().map { MachineAnswer($0, in: table.directory) }))
    }

    /// - Parameter order: the last word of the address.
    func orderMachine(_ order: String, _ request: Request) async throws -> Response {
        let person = try doorkeeper.person(of: request, atLeast: .operator)
        let body: OrderBody = try await Doorkeeper.body(of: request, Self.shape)
        for text in [body.reason, body.phone, body.holder, body.interlock, body.subject].compactMap({ $0 }) {
            guard text.count <= 500, !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
                throw Refusal(.badRequest, "What is written into the logbook is a line of at most 500 characters.")
            }
        }
        switch order {
        case "select": return try select(body, by: person)
        case "operate": return try await operate(body, by: person)
        case "stop":
            return try told(machines.stop(try point(body), person.name, try hold(body), body.isConfirmed ?? false))
        case "release": return try told(machines.release(try point(body), person.name))
        case "lock": return try lock(body, by: person)
        case "unlock":
            let answer = machines.unlock(body.subject ?? "", body.holder ?? "", person.name, Self.role(person), body.reason ?? "")
            return try told(answer)
        case "reset": return try told(machines.reset(body.interlock ?? "", try point(body), person.name))
        case "unseal": return try told(machines.unseal(person.name, Self.role(person), body.reason ?? ""))
        default: throw Refusal(.notFound, "There is nothing at this address.")
        }
    }

    private func select(_ body: OrderBody, by person: Person) throws -> Response {
        let (point, value) = try start(body)
        switch machines.select(point, value, person.name) {
        case .success(let selection): return jsonAnswer(SelectionAnswer(selection, at: time.now().wall))
        case .failure(let refusal): throw Refusal(.conflict, refusal.reason)
        }
    }

    private func operate(_ body: OrderBody, by person: Person) async throws -> Response {
        let (point, value) = try start(body)
        guard let token = body.token else {
            throw Refusal(.badRequest, "A start takes two steps: select it first, and give its token.")
        }
        guard let hold = try hold(body) else {
            throw Refusal(.badRequest, "Say for how many minutes it shall run before its rules are heard again.")
        }
        let (stages, stage) = AsyncStream.makeStream(of: RemoteAnswer.self, bufferingPolicy: .bufferingNewest(16))
        let refusal = machines.operate(token, point, value, person.name, hold) { answer in
            stage.yield(answer)
            if answer.stage.isFinal { stage.finish() }
        }
        if let refusal { throw Refusal(.conflict, refusal) }
        let answer = await withTaskGroup(of: RemoteAnswer?.self) { [time] group in
            group.addTask {
                var latest: RemoteAnswer?
                for await answer in stages { latest = answer }
                return latest
            }
            group.addTask {
                try? await time.sleep(for: Self.patience)
                stage.finish()
                return nil
            }
            var latest: RemoteAnswer?
            for await answer in group {
                latest = answer ?? latest
                group.cancelAll()
            }
            return latest
        }
        guard let answer else { throw Refusal(.internalServerError, "Nothing came of it; see the machine's history.") }
        if answer.stage == .refused { throw Refusal(.conflict, answer.reason ?? "It was refused.") }
        let isVerified = answer.stage == .confirmed
        let late = answer.stage.isFinal ? nil : "it has not been seen to follow within \(Self.patience.components.seconds) s"
        return jsonAnswer(OrderAnswer(stage: answer.stage.rawValue, isVerified: isVerified, text: answer.reason ?? late))
    }

    private func lock(_ body: OrderBody, by person: Person) throws -> Response {
        guard let subject = body.subject, let reason = body.reason else {
            throw Refusal(.badRequest, "A lock-out names its 'subject' (site/device), a 'phone' number and a 'reason'.")
        }
        let phone = body.phone ?? doorkeeper.phone(of: person) ?? ""
        let lock = LockOut(subject: subject, person: person.name, phone: phone, reason: reason, since: time.now().wall)
        return try told(machines.lock(lock))
    }

    private func told(_ answer: PersonAnswer) throws(Refusal) -> Response {
        switch answer {
        case .done(let text): return jsonAnswer(OrderAnswer(stage: "done", isVerified: false, text: text))
        case .toBeConfirmed(let text): return jsonAnswer(OrderAnswer(stage: "to-be-confirmed", isVerified: false, text: text))
        case .refused(let why): throw Refusal(.conflict, why)
        }
    }

    /// The machine's working value: what it is started with.
    private func start(_ body: OrderBody) throws(Refusal) -> (PointID, Value) {
        let point = try point(body)
        guard let machine = machines.present().first(where: { $0.point == point }), let work = machine.work else {
            throw Refusal(.conflict, "'\(body.point ?? "")' cannot be started from here: only what is true or false can.")
        }
        return (point, work)
    }

    private func point(_ body: OrderBody) throws(Refusal) -> PointID {
        guard let name = body.point, let point = table.directory.id(of: name) else {
            throw Refusal(.notFound, "There is no point '\((body.point ?? "").prefix(200))'.")
        }
        return point
    }

    private func hold(_ body: OrderBody) throws(Refusal) -> Duration? {
        guard let minutes = body.minutes else { return nil }
        guard (1...Self.longestHold).contains(minutes) else {
            throw Refusal(.badRequest, "'minutes' is a number from 1 to \(Self.longestHold).")
        }
        return .seconds(minutes * 60)
    }

    private static func role(_ person: Person) -> Role { person.role == .supervisor ? .supervisor : .worker }
}

extension Machine {
    /// What starts it: the other value of one that is true or false.
    var work: Value? {
        guard case .bool(let safe) = safe else { return nil }
        return .bool(!safe)
    }
}

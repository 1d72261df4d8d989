import Alarms
import Hummingbird
import Telemetry

/// The alarms as they stand, and people's orders to them.
extension Routes {
    /// Characters of a reason or a comment: a sentence for the logbook.
    private static let longestReason = 500

    private struct OrderBody: Decodable {
        let order: String
        /// The alarm's name, or for `reset-first-out` the group's.
        let alarm: String
        let reason: String?
        let minutes: Int?
        let isOneShot: Bool?
    }

    func alarmsAnswer() -> Response {
        let now = time.now()
        let present = alarms.present()
        func answers(where isListed: (AlarmState) -> Bool) -> [AlarmAnswer] {
            present.list.filter { isListed($0.state) }.map { alarm in
                let point = alarm.definition.point
                return AlarmAnswer(
                    alarm, reading: PointAnswer(table.directory[point], state: table.state(of: point, at: now.monotonic)))
            }
        }
        return jsonAnswer(
            AlarmsAnswer(
                time: now.wall, isReadOnly: doorkeeper.isReadOnly, line: AlarmLineAnswer(present),
                figures: AlarmFiguresAnswer(present.figures), alarms: answers { !$0.isHidden }, shelved: answers { $0 == .shelved },
                suppressed: answers { $0 == .suppressedByDesign }, outOfService: answers { $0 == .outOfService }))
    }

    func orderAlarm(_ request: Request) async throws -> Response {
        _ = try doorkeeper.person(of: request, atLeast: .operator)
        let body: OrderBody = try await Doorkeeper.body(
            of: request, "{ \"order\": \"shelve\", \"alarm\": …, \"reason\": …, \"minutes\": 60 }")
        let act = try act(body)
        // What nobody is called by any more protects nobody: ISA-18.2-2016, clause 11, asks for an authorization of its own.
        let role: Person.Role = if case .removeFromService = act { .supervisor } else { .operator }
        let person = try doorkeeper.person(of: request, atLeast: role)
        if let refusal = alarms.obey(AlarmOrder(act, body.alarm, who: person.name)) {
            let status: HTTPResponse.Status = if case .unknown = refusal { .notFound } else { .conflict }
            throw Refusal(status, refusal.sentence)
        }
        return jsonAnswer(["done": act.word])
    }

    private func act(_ body: OrderBody) throws(Refusal) -> AlarmOrder.Act {
        let reason = body.reason ?? ""
        guard reason.count <= Self.longestReason, body.alarm.utf8.count <= 300, !Self.holdsControl(reason), !Self.holdsControl(body.alarm)
        else { throw Refusal(.badRequest, "A reason is a line of at most \(Self.longestReason) characters.") }
        switch body.order {
        case "acknowledge": return .acknowledge(comment: reason)
        case "confirm": return .confirm(comment: reason)
        case "reset": return .reset
        case "shelve":
            guard let minutes = body.minutes, (1...1440).contains(minutes) else {
                throw Refusal(.badRequest, "Say for how many minutes it is shelved: 1 to 480, and 60 at most for the highest priority.")
            }
            return .shelve(for: .seconds(minutes * 60), reason: reason, isOneShot: body.isOneShot ?? false)
        case "unshelve": return .unshelve
        case "remove-from-service": return .removeFromService(reason: reason)
        case "return-to-service": return .returnToService
        case "reset-first-out": return .resetFirstOut
        default:
            let known = "acknowledge, confirm, reset, shelve, unshelve, remove-from-service, return-to-service, reset-first-out"
            throw Refusal(.badRequest, "'order' is one of \(known), not '\(body.order.prefix(64))'.")
        }
    }

    /// A line of the logbook is one line.
    private static func holdsControl(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}

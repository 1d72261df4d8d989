import Alarms
import Telemetry
import Testing

/// The transitions of ISA-18.2-2016, clause 5 (alarm state transition diagram), as a table of facts. The same rows, but for the
/// latched ones, are in PyAutomation's drawing of it (pyautomation.readthedocs.io, Alarms API); the latched states E and F are
/// described in DEIF's PPM 300 designer's handbook, 4.4.
@Suite("transitions of ISA-18.2")
struct TransitionTests {
    enum Trigger: String {
        case alarm, clear, acknowledge, reset, repeats
        case shelve, unshelve, expire
        case suppress, unsuppress
        case remove, restore
    }

    struct Row: CustomStringConvertible, Sendable {
        let from: String
        let trigger: Trigger
        let to: String
        var isLatching = false
        /// Whether the process is in alarm, where the state does not say.
        var isInAlarm: Bool?
        var description: String { "\(from) \(trigger) \(to)" }
    }

    static let rows: [Row] = [
        Row(from: "A", trigger: .alarm, to: "B"), Row(from: "B", trigger: .acknowledge, to: "C"),
        Row(from: "B", trigger: .clear, to: "D"), Row(from: "C", trigger: .clear, to: "A"),
        Row(from: "D", trigger: .acknowledge, to: "A"), Row(from: "D", trigger: .alarm, to: "B"),
        Row(from: "C", trigger: .repeats, to: "B"),
        Row(from: "B", trigger: .clear, to: "E", isLatching: true), Row(from: "C", trigger: .clear, to: "F", isLatching: true),
        Row(from: "E", trigger: .acknowledge, to: "F", isLatching: true),
        Row(from: "E", trigger: .alarm, to: "B", isLatching: true),
        Row(from: "F", trigger: .reset, to: "A", isLatching: true), Row(from: "F", trigger: .alarm, to: "B", isLatching: true),
        Row(from: "G", trigger: .unshelve, to: "A", isInAlarm: false),
        Row(from: "G", trigger: .unshelve, to: "B", isInAlarm: true),
        Row(from: "G", trigger: .expire, to: "A", isInAlarm: false), Row(from: "G", trigger: .expire, to: "B", isInAlarm: true),
        Row(from: "H", trigger: .unsuppress, to: "A", isInAlarm: false),
        Row(from: "H", trigger: .unsuppress, to: "B", isInAlarm: true),
        Row(from: "I", trigger: .restore, to: "A", isInAlarm: false), Row(from: "I", trigger: .restore, to: "B", isInAlarm: true),
        Row(from: "G", trigger: .alarm, to: "G"), Row(from: "H", trigger: .alarm, to: "H"),
        Row(from: "I", trigger: .alarm, to: "I"),
    ]
    /// From any state to any of the three that hide it.
    static let hiding: [Row] = ["A", "B", "C", "D", "E", "F"].flatMap { from in
        let isLatching = from == "E" || from == "F"
        return [
            Row(from: from, trigger: .shelve, to: "G", isLatching: isLatching),
            Row(from: from, trigger: .suppress, to: "H", isLatching: isLatching),
            Row(from: from, trigger: .remove, to: "I", isLatching: isLatching),
        ]
    }

    @Test("each published transition leads where it is drawn, and is an event", arguments: rows + hiding)
    func transition(_ row: Row) throws {
        var watch = try Watch([
            "flood": "point: east/well/float\nwhen: { is: true }\nre-alarm: 60s\nlatching: \(row.isLatching)"
        ])
        watch.hear("east/well/float", false)
        for step in Self.way(to: row.from, isInAlarm: row.isInAlarm) { play(step, on: &watch) }
        try #require(watch.letter("flood") == row.from)
        watch.forget()
        play(row.trigger, on: &watch)
        #expect(watch.letter("flood") == row.to)
        let told = try #require(watch.changes.last { $0.state != nil })
        #expect(told.state?.rawValue == row.to)
    }

    /// How a state is reached from normal.
    private static func way(to state: String, isInAlarm: Bool?) -> [Trigger] {
        let before: [Trigger] = isInAlarm == true ? [.alarm, .acknowledge] : []
        return switch state {
        case "B": [.alarm]
        case "C": [.alarm, .acknowledge]
        case "D", "E": [.alarm, .clear]
        case "F": [.alarm, .acknowledge, .clear]
        case "G": before + [.shelve]
        case "H": before + [.suppress]
        case "I": before + [.remove]
        default: []
        }
    }

    private func play(_ trigger: Trigger, on watch: inout Watch) {
        switch trigger {
        case .alarm: watch.hear("east/well/float", true)
        case .clear: watch.hear("east/well/float", false)
        case .acknowledge: watch.obey(.acknowledge(comment: ""), "flood")
        case .reset: watch.obey(.reset, "flood")
        case .repeats: watch.wait(.seconds(60))
        case .shelve: watch.obey(.shelve(for: .seconds(600), reason: "a test", isOneShot: false), "flood")
        case .unshelve: watch.obey(.unshelve, "flood")
        case .expire: watch.wait(.seconds(600))
        case .suppress: watch.obey(.suppress(reason: "a test"), "flood")
        case .unsuppress: watch.obey(.unsuppress, "flood")
        case .remove: watch.obey(.removeFromService(reason: "a test"), "flood")
        case .restore: watch.obey(.returnToService, "flood")
        }
    }

    @Test("service outranks design, and design the shelf, and the last to leave uncovers the alarm")
    func ranks() throws {
        var watch = try Watch(["flood": "point: east/well/float\nwhen: { is: true }"])
        watch.hear("east/well/float", true)
        var drawn = watch.letter("flood")
        for trigger in [Trigger.shelve, .suppress, .remove, .restore, .unsuppress, .unshelve] {
            play(trigger, on: &watch)
            drawn += " " + watch.letter("flood")
        }
        #expect(drawn == "B G H I H G B")
    }
}

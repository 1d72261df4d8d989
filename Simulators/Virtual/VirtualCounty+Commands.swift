import Acquisition
import Control
import Gateway
import Plants
import Telemetry

/// What the county sends: commands as a broker delivers them, and the messages of trackers and bins.
extension VirtualCounty {
    static let origin = "county broker county-broker"

    mutating func commandsOfTheCounty() {
        let hands = inspector.atWork(field)
        let commands = office.due(at: now, isUp: isUp && life.stopping == nil, seed: options.seed) { point in hands.contains(point) }
        for command in commands where isUp { deliver(command) }
    }

    private mutating func deliver(_ sent: Office.Command) {
        let text = CountyCommandText(sent.payload)
        let ignoresTimes = options.sabotage == .expiryIsIgnored
        let command = RemoteCommand(
            id: text.id, origin: Self.origin, point: sent.point, order: text.order, issued: ignoresTimes ? nil : text.issued,
            expires: ignoresTimes ? nil : text.expires, hold: text.hold,
            isKept: sent.isRetained && options.sabotage != .retainedIsNews)
        tally.commands += 1
        tally.faults["command " + sent.kind.rawValue, default: 0] += 1
        note("county sends \(sent.id ?? "nameless"), \(sent.kind.rawValue): \(sent.point) \(sent.value.map { "\($0)" } ?? "release")")
        let ticket = inspector.delivered(sent, isClockOff: clockError != 0, isTrusted: isClockTrusted)
        carryOut(life.arbiter.command(command, under: RemoteTerms(), ticket: ticket, at: moment))
    }

    mutating func hear(_ reply: RemoteReply) {
        tally.replies += 1
        note("answer \(reply.answer.id) \(reply.answer.stage.rawValue)\(reply.answer.reason.map { ": " + $0 } ?? "")")
        inspector.replied(reply, at: now, field)
    }

    /// Every tracker sends every 5 s and every bin every 30 s, each at its own second; a late message comes late.
    mutating func carryMessages() {
        guard field.hasFleet else { return }
        let second = Int(now.nanoseconds / 1_000_000_000)
        let wall = Self.start.milliseconds + now.nanoseconds / 1_000_000
        for index in field.fleet.vehicles.indices where (second + index) % 5 == 0 {
            if let message = field.fleet.position(ofVehicle: index, at: wall) { post(message) }
        }
        for index in field.fleet.bins.indices where (second + index) % 30 == 0 {
            if let message = field.fleet.state(ofBin: index, at: wall) { post(message) }
        }
        while let first = late.first, first.at <= now {
            late.removeFirst()
            hear(first.message)
        }
    }

    private mutating func post(_ message: Fleet.Message) {
        guard message.delayMilliseconds > 0 else { return hear(message) }
        let at = now.after(milliseconds: Int64(message.delayMilliseconds))
        late.insert((at, message), at: late.firstIndex { $0.at > at } ?? late.count)
    }

    private mutating func hear(_ message: Fleet.Message) {
        guard isUp, !plan.brokers.contains(where: { field.cut.contains($0.name) }) else { return }
        tally.messages += 1
        let (batches, events) = life.ingest.hear(topic: message.topic, payload: message.payload, isRetained: false, at: moment)
        for event in events { record(event) }
        for batch in batches where isUp { hear(batch) }
        inspector.message(at: now, batches: batches.count)
    }
}

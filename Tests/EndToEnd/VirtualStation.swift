import Acquisition
import Control
import Foundation
import Gateway
import Modbus
import Plants
import Rules
import Telemetry

/// The county's pump station and all of the gateway that concerns it, in virtual time: the very poller, table, rules and
/// control that `headgate run` uses, configured by the very files, with the plant in place of the wire.
struct VirtualStation {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// How long the panel takes to answer.
    private static let latency = Duration.milliseconds(20)

    private(set) var now = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))
    var plant: Wired<PumpStation>
    let directory: Directory
    let table: PointTable
    private var poller: LinkPoller
    private var engine: RuleEngine
    private var arbiter: Arbiter
    private var flights: [(outgoing: LinkPoller.Outgoing, lands: Monotonic)] = []
    private var writes: [WriteID: CommandID] = [:]
    private var nextWrite: UInt64 = 0
    private(set) var events: [Event] = []
    private(set) var samples = 0
    private var hasChanged = false

    init(seed: UInt64) throws {
        let (plan, mistakes) = SitePlan.load(Self.root.appending(path: "Simulators/county/site.yaml").path)
        guard let plan, let link = plan.links.first(where: { $0.name == "xinzhuang-plc" }) else {
            throw Unexpected("the county's configuration: \(mistakes)")
        }
        directory = plan.directory
        table = PointTable(directory: directory)
        poller = LinkPoller(link, seed: seed, at: .zero)
        engine = RuleEngine(rules: plan.rules.filter { $0.trade == "water" })
        arbiter = Arbiter(
            actuators: plan.actuators.filter { plan.directory[$0.point].name.site == PumpStation.site }, feeders: plan.feeders,
            directory: plan.directory)
        plant = Wired(PumpStation(seed: seed))
    }

    var diverged: Int { arbiter.counters.diverged }

    /// Moves everything on, event by event; `look` sees the plant once a second.
    mutating func run(for span: Duration, look: (inout VirtualStation) -> Void = { _ in }) {
        let end = now.monotonic + span
        var second = now.monotonic
        while true {
            let wakes = [poller.nextWake, flights.map(\.lands).min(), engine.nextWake, arbiter.nextWake, second].compactMap { $0 }
            guard let next = wakes.min(), next <= end else { break }
            if next > now.monotonic { now = now.advanced(by: next - now.monotonic) }
            if second <= now.monotonic {
                plant.step(1)
                look(&self)
                second = second + .seconds(1)
            }
            while let index = flights.firstIndex(where: { $0.lands <= now.monotonic }) { land(flights.remove(at: index).outgoing) }
            take(poller.due(at: now))
            if let wake = engine.nextWake, wake <= now.monotonic { judge([]) }
            if let wake = arbiter.nextWake, wake <= now.monotonic { perform(arbiter.tick(at: now)) }
            pump()
        }
        if end > now.monotonic { now = now.advanced(by: end - now.monotonic) }
    }

    func reading(_ name: String) -> Reading? {
        directory.id(of: name).flatMap { table.state(of: $0, at: now.monotonic)?.reading }
    }

    private mutating func pump() {
        while let outgoing = poller.next() { flights.append((outgoing, now.monotonic + Self.latency)) }
    }

    private mutating func land(_ outgoing: LinkPoller.Outgoing) {
        let result: Result<Response, ModbusError>
        do throws(ModbusError) {
            guard plant.fault(of: outgoing.unit) != .dead,
                let answer = plant.answer(outgoing.unit, try outgoing.request.encode())
            else { throw .timeout }
            result = .success(try PDU.response(answer, to: outgoing.request))
        } catch {
            result = .failure(error)
        }
        take(poller.answered(outgoing.ticket, result, at: now))
        pump()
    }

    private mutating func take(_ outputs: [LinkPoller.Output]) {
        for output in outputs {
            switch output {
            case .connect: take(poller.connected(at: now))
            case .batch(let batch):
                samples += batch.samples.count
                table.apply(batch)
                perform(arbiter.observe(batch))
                judge(batch.samples.map(\.point))
            case .event(let event): events.append(event)
            case .link: break
            case .wrote(let id, let result):
                guard let command = writes.removeValue(forKey: id) else { continue }
                let outcome: WriteOutcome =
                    switch result {
                    case .echoed(let value): .echoed(value)
                    case .unverified: .unverified
                    case .refused(let why): .refused(why)
                    case .failed(let why): .failed(why)
                    }
                perform(arbiter.wrote(command, outcome, at: now))
            }
        }
    }

    private mutating func judge(_ changed: [PointID]) {
        let judgement = engine.hear(changed: changed, view: View(table, at: now.monotonic), at: now)
        events += judgement.events
        for want in judgement.wants { perform(arbiter.want(want, at: now)) }
    }

    private mutating func perform(_ actions: [Action]) {
        for action in actions {
            switch action {
            case .record(let event): events.append(event)
            case .write(let command, let point, let value):
                nextWrite += 1
                let id = WriteID(number: nextWrite)
                writes[id] = command
                take(poller.write(value, to: point, id: id, at: now))
            }
        }
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

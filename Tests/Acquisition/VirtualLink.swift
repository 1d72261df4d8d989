import Modbus
import Profiles
import Telemetry

@testable import Acquisition

/// Runs a `LinkPoller` in virtual time against units that answer, refuse or stay silent as told.
struct VirtualLink {
    enum Manner {
        case answers(after: Duration)
        case silent
        case refuses(UInt8)
        case garbage
    }

    struct Flight {
        let outgoing: LinkPoller.Outgoing
        let lands: Monotonic
    }

    private(set) var poller: LinkPoller
    private(set) var now: Moment
    var manners: [UInt8: Manner] = [:]
    var registers: [UInt16] = (0..<1000).map { $0 }
    /// nil: dialling succeeds.
    var refusal: String?
    private(set) var isConnected = false
    private var flights: [Flight] = []
    private(set) var sent: [(at: Monotonic, unit: UInt8, request: Request)] = []
    private(set) var batches: [Batch] = []
    private(set) var events: [Event] = []
    private(set) var edges: [LinkEdge] = []
    private(set) var results: [WriteID: WriteResult] = [:]

    init(_ plan: LinkPlan, seed: UInt64 = 1) {
        now = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))
        poller = LinkPoller(plan, seed: seed, at: .zero)
    }

    /// Moves time on, event by event.
    mutating func run(for span: Duration) {
        let end = now.monotonic + span
        while true {
            let landing = flights.map(\.lands).min() ?? Monotonic(nanoseconds: .max)
            let next = min(max(poller.nextWake, now.monotonic), landing)
            guard next <= end else { break }
            step(to: next)
            if let index = flights.firstIndex(where: { $0.lands <= now.monotonic }) {
                land(flights.remove(at: index))
            } else {
                take(poller.due(at: now))
            }
            pump()
        }
        step(to: end)
    }

    mutating func write(_ value: Value, to point: PointID, id: UInt64) {
        take(poller.write(value, to: point, id: WriteID(number: id)))
        pump()
    }

    mutating func cut(_ reason: String) {
        isConnected = false
        flights = []
        take(poller.disconnected(reason, at: now))
    }

    private mutating func step(to time: Monotonic) {
        if time > now.monotonic { now = now.advanced(by: time - now.monotonic) }
    }

    private mutating func pump() {
        while let outgoing = poller.next() {
            sent.append((now.monotonic, outgoing.unit.rawValue, outgoing.request))
            let delay: Duration
            switch manners[outgoing.unit.rawValue] ?? .answers(after: .milliseconds(10)) {
            case .answers(let after): delay = min(after, outgoing.timeout)
            case .silent: delay = outgoing.timeout
            case .refuses, .garbage: delay = .milliseconds(10)
            }
            flights.append(Flight(outgoing: outgoing, lands: now.monotonic + delay))
        }
    }

    private mutating func land(_ flight: Flight) {
        let result: Result<Response, ModbusError>
        switch manners[flight.outgoing.unit.rawValue] ?? .answers(after: .zero) {
        case .answers(let after) where after < flight.outgoing.timeout: result = answer(flight.outgoing.request)
        case .answers, .silent: result = .failure(.timeout)
        case .refuses(let code): result = .failure(.exception(code))
        case .garbage: result = .success(.registers([1]))
        }
        take(poller.answered(flight.outgoing.ticket, result, at: now))
    }

    private mutating func answer(_ request: Request) -> Result<Response, ModbusError> {
        switch request {
        case .read(let table, let address, let count):
            let range = Int(address)..<Int(address) + Int(count)
            return .success(table.isBits ? .bits(range.map { registers[$0] != 0 }) : .registers(Array(registers[range])))
        case .writeRegister(let address, let word):
            registers[Int(address)] = word
            return .success(.written)
        default: return .failure(.exception(1))
        }
    }

    private mutating func take(_ outputs: [LinkPoller.Output]) {
        for output in outputs {
            switch output {
            case .connect:
                if let refusal {
                    take(poller.disconnected(refusal, at: now))
                } else {
                    isConnected = true
                    take(poller.connected(at: now))
                }
            case .batch(let batch): batches.append(batch)
            case .event(let event): events.append(event)
            case .link(let edge): edges.append(edge)
            case .wrote(let id, let result): results[id] = result
            }
        }
    }
}

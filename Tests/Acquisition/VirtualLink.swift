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
    /// How long a unit takes that has no manner of its own.
    var latency = Duration.milliseconds(10)
    var registers: [UInt16] = (0..<1000).map { $0 }
    /// Addresses of every table that all units refuse, with exception 2.
    var unserved: Set<Int> = []
    /// A read of more is refused with exception 3.
    var most = 2000
    /// One request at a time is passed on, in the order they came, as a converter before a line does.
    var isConverter = false
    /// nil: dialling succeeds.
    var refusal: String?
    /// What is sent and brought is kept; for long runs it is looked at and forgotten.
    var isKept = true
    var look: (Batch) -> Void = { _ in }
    private(set) var isConnected = false
    private var flights: [Flight] = []
    private var free = Monotonic.zero
    private(set) var sent: [(at: Monotonic, unit: UInt8, request: Request)] = []
    private(set) var batches: [Batch] = []
    private(set) var events: [Event] = []
    private(set) var edges: [LinkEdge] = []
    private(set) var results: [WriteID: WriteResult] = [:]
    /// What each unit's silence cost, as request by request.
    private(set) var silences: [(unit: UInt8, from: Monotonic, to: Monotonic)] = []
    private(set) var steps = 0

    init(_ plan: LinkPlan, seed: UInt64 = 1) {
        now = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 1_782_000_000_000))
        poller = LinkPoller(plan, seed: seed, at: .zero)
    }

    /// Moves time on, event by event.
    mutating func run(for span: Duration) {
        let end = now.monotonic + span
        while true {
            let landing = flights.lazy.map(\.lands).min() ?? .never
            let next = min(max(poller.nextWake, now.monotonic), landing)
            guard next <= end else { break }
            steps += 1
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
        take(poller.write(value, to: point, id: WriteID(number: id), at: now))
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
            if isKept { sent.append((now.monotonic, outgoing.unit.rawValue, outgoing.request)) }
            let delay: Duration
            switch manners[outgoing.unit.rawValue] ?? .answers(after: latency) {
            case .answers(let after): delay = min(after, outgoing.timeout)
            case .silent:
                delay = outgoing.timeout
                if isKept { silences.append((outgoing.unit.rawValue, now.monotonic, now.monotonic + delay)) }
            case .refuses, .garbage: delay = latency
            }
            // A converter begins with a request when it is done with those before; the client's patience begins at once.
            let begins = isConverter ? max(free, now.monotonic) : now.monotonic
            free = begins + delay
            flights.append(Flight(outgoing: outgoing, lands: min(begins + delay, now.monotonic + outgoing.timeout)))
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
        let range = Int(request.address)..<Int(request.address) + request.count
        guard request.count <= most else { return .failure(.exception(3)) }
        guard unserved.isEmpty || unserved.isDisjoint(with: range) else { return .failure(.exception(2)) }
        switch request {
        case .read(let table, _, _):
            return .success(table.isBits ? .bits(range.map { registers[$0] != 0 }) : .registers(Array(registers[range])))
        case .writeRegister(let address, let word): registers[Int(address)] = word
        case .writeRegisters(_, let words): for (place, word) in zip(range, words) { registers[place] = word }
        case .writeCoil(let address, let flag): registers[Int(address)] = flag ? 1 : 0
        case .writeCoils(_, let flags): for (place, flag) in zip(range, flags) { registers[place] = flag ? 1 : 0 }
        case .maskWrite(let address, let and, let or):
            registers[Int(address)] = registers[Int(address)] & and | or & ~and
        }
        return .success(.written)
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
            case .batch(let batch):
                look(batch)
                if isKept { batches.append(batch) }
            case .event(let event): events.append(event)
            case .link(let edge): edges.append(edge)
            case .wrote(let id, let result): results[id] = result
            }
        }
    }
}

extension LinkPlan.Medium {
    static let wire = Self.tcp(host: "", port: 0)

    static func line(baud: Int = 9600) -> Self { .serial(path: "", baud: baud, parity: "N", stopBits: 1) }
}

extension PolledPoint {
    /// A holding register.
    init(_ address: Int, id: Int? = nil, table: Table = .holding, type: RegisterType = .uint16, every: Duration = .seconds(1)) {
        self.init(
            id: PointID(index: id ?? address),
            source: RegisterSource(table: table, address: UInt16(address), codec: RegisterCodec(type, order: .abcd)),
            every: every,
            range: nil)
    }
}

import Modbus
import ModbusTransport
import NIOCore
import Telemetry

/// All Modbus links over TCP, of either framing, on one event loop: what is due in a slot of the grid leaves in one wake-up.
final class TCPField: Sendable {
    private let loop: any EventLoop
    private let stations: NIOLoopBound<Stations>
    private let time: any TimeSource
    private let sink: Sink

    init(_ plans: [LinkPlan], on loop: any EventLoop, time: any TimeSource, seed: UInt64, sink: Sink) async throws {
        self.loop = loop
        self.time = time
        self.sink = sink
        stations = try await loop.submit {
            NIOLoopBound(Stations(plans, on: loop, time: time, seed: seed, sink: sink), eventLoop: loop)
        }.get()
    }

    /// Begins to poll, and to listen where DTUs dial in. A port that is taken is an event, and the other links go on.
    func start() async throws {
        let ports = try await loop.submit { self.stations.value.ports }.get()
        for (port, listener) in ports {
            do { _ = try await listener.start() } catch {
                let text = "port \(port), on which DTUs dial in, cannot be opened: \(error)"
                sink.event(Event(time: time.now().wall, kind: .alarm, subject: "port \(port)", origin: "acquisition", text: text))
            }
        }
        loop.execute { self.stations.value.wake() }
    }

    func write(_ value: Value, to point: PointID, id: WriteID) async -> WriteResult {
        await withCheckedContinuation { continuation in
            loop.execute { self.stations.value.write(value, to: point, id: id) { continuation.resume(returning: $0) } }
        }
    }

    func statistics() async throws -> AcquisitionStatistics {
        try await loop.submit { self.stations.value.statistics }.get()
    }

    func deviceStates() async throws -> [(device: DeviceID, state: DeviceState)] {
        try await loop.submit { self.stations.value.deviceStates }.get()
    }

    func stop() async throws { try await loop.submit { self.stations.value.stop() }.get() }
}

/// The stations of one event loop. Touched on that loop only.
private final class Stations {
    private final class Station {
        var poller: LinkPoller
        let link: any StreamLink

        init(poller: LinkPoller, link: any StreamLink) {
            self.poller = poller
            self.link = link
        }
    }

    private let loop: any EventLoop
    private let time: any TimeSource
    private let sink: Sink
    private var stations: [Station] = []
    private var listeners: [(port: Int, listener: DTUListener)] = []
    private var toldRefusals: [String: Monotonic] = [:]
    private var writers: [WriteID: (WriteResult) -> Void] = [:]
    private var alarm: Scheduled<Void>?
    private var alarmDue = Monotonic.never
    private var isStopped = false
    private var isTurnEnding = false

    init(_ plans: [LinkPlan], on loop: any EventLoop, time: any TimeSource, seed: UInt64, sink: Sink) {
        self.loop = loop
        self.time = time
        self.sink = sink
        let start = time.now().monotonic
        var random = SeededRandom(seed: seed)
        let places = Grid.places(for: plans.reduce(0) { $0 + $1.busTime().requestsPerSecond })
        for plan in plans {
            guard let link = link(for: plan) else { continue }
            let station = Station(poller: LinkPoller(plan, seed: random.next(), at: start, places: places), link: link)
            link.onStateChange = { [weak self, weak station] state in
                guard let self, let station, !self.isStopped else { return }
                let now = self.time.now()
                switch state {
                case .connected: self.carryOut(station.poller.connected(at: now), for: station)
                case .disconnected(let reason): self.carryOut(station.poller.disconnected(reason, at: now), for: station)
                }
                self.pump(station)
                self.setAlarm()
            }
            stations.append(station)
        }
    }

    /// nil for a medium that is not of this loop.
    private func link(for plan: LinkPlan) -> (any StreamLink)? {
        switch plan.medium {
        case .serial: return nil
        case .tcp(let host, let port):
            return TCPLink(host: host, port: port, on: loop, connectTimeout: plan.timeout)
        case .rtuOverTCP(let host, let port):
            return RTUOverTCPLink(host: host, port: port, on: loop, connectTimeout: plan.timeout)
        case .rtuListen(let host, let port, let caller):
            let listener = listener(host: host, port: port)
            switch caller {
            case .packet(let bytes): return listener.register(id: .packet(bytes))
            case .address(let address): return listener.register(id: .address(address))
            }
        }
    }

    /// One listener a port, however many DTUs dial it.
    private func listener(host: String, port: Int) -> DTUListener {
        if let known = listeners.first(where: { $0.port == port }) { return known.listener }
        let listener = DTUListener(host: host, port: port, on: loop)
        listener.onRefusal { [weak self] refusal in self?.refused(refusal, on: port) }
        listeners.append((port, listener))
        return listener
    }

    /// A stranger knocks again and again: he is told of once an hour.
    private func refused(_ refusal: DTURefusal, on port: Int) {
        let now = time.now()
        if let told = toldRefusals[refusal.address], now.monotonic - told < .seconds(3600) { return }
        if toldRefusals.count >= 256 { toldRefusals = [:] }
        toldRefusals[refusal.address] = now.monotonic
        let text = "a caller from \(refusal.address) on port \(port) was turned away: \(refusal.reason)"
        sink.event(Event(time: now.wall, kind: .link, subject: "port \(port)", origin: "acquisition", text: text))
    }

    /// Opens the ports that DTUs dial.
    var ports: [(port: Int, listener: DTUListener)] { listeners }

    var statistics: AcquisitionStatistics {
        stations.reduce(into: AcquisitionStatistics()) {
            $0.requests += $1.poller.requests
            $0.missedTicks += $1.poller.missedTicks
        }
    }

    var deviceStates: [(device: DeviceID, state: DeviceState)] { stations.flatMap { $0.poller.deviceStates } }

    /// Everything that is due now, on every link.
    func wake() {
        guard !isStopped else { return }
        let now = time.now()
        for station in stations where station.poller.nextWake <= now.monotonic {
            carryOut(station.poller.due(at: now), for: station)
            pump(station)
        }
        setAlarm()
    }

    func station(for point: PointID) -> Int? { stations.firstIndex { $0.poller.serves(point) } }

    func write(_ value: Value, to point: PointID, id: WriteID, done: @escaping (WriteResult) -> Void) {
        guard !isStopped, let index = station(for: point) else { return done(.failed("polling has stopped")) }
        writers[id] = done
        carryOut(stations[index].poller.write(value, to: point, id: id, at: time.now()), for: stations[index])
        pump(stations[index])
        bringAlarmForward(for: stations[index])
    }

    func stop() {
        isStopped = true
        alarm?.cancel()
        for station in stations { station.link.close() }
        for (_, listener) in listeners { listener.close() }
        for (_, done) in writers { done(.failed("the gateway is stopping")) }
        writers = [:]
    }

    private func setAlarm() {
        alarm?.cancel()
        guard !isStopped, let next = stations.lazy.map(\.poller.nextWake).min() else { return }
        alarmDue = next
        let wait = max((next - time.now().monotonic).wholeNanoseconds, 0)
        alarm = loop.assumeIsolated().scheduleTask(in: .nanoseconds(wait)) { [weak self] in self?.wake() }
    }

    /// An answer may begin a pause, or a unit's silence: the next thing to do comes before what the alarm is set for.
    private func bringAlarmForward(for station: Station) {
        if station.poller.nextWake < alarmDue { setAlarm() }
    }

    private func pump(_ station: Station) {
        var isWritten = false
        while let outgoing = station.poller.next() {
            isWritten = true
            // Held until the answer, which always comes: a closed link answers as well. Weak references cost on every request.
            station.link.send(outgoing.request, to: outgoing.unit, timeout: outgoing.timeout) { [self] result in
                carryOut(station.poller.answered(outgoing.ticket, result, at: time.now()), for: station)
                pump(station)
                bringAlarmForward(for: station)
            }
        }
        if isWritten { station.link.flush() }
    }

    /// Once for all answers that this round of the loop brings.
    private func endTurn() {
        guard !isTurnEnding else { return }
        isTurnEnding = true
        loop.assumeIsolated().execute { [self] in
            isTurnEnding = false
            sink.turn()
        }
    }

    private func carryOut(_ outputs: [LinkPoller.Output], for station: Station) {
        for output in outputs {
            switch output {
            case .connect: station.link.connect()
            case .batch(let batch):
                sink.batch(batch)
                endTurn()
            case .event(let event): sink.event(event)
            case .link(let edge): sink.link(edge)
            case .wrote(let id, let result): writers.removeValue(forKey: id)?(result)
            }
        }
    }
}

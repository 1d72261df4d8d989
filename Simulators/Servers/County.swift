package import Logging
import MQTT
import Modbus
import ModbusTransport
package import Plants
import Synchronization

/// The simulated county, living and on the wire: the pump station on Modbus TCP, the farm on a serial line, the fleet on
/// MQTT; and the county's office, which counts what gateways send it and takes orders to make things fail.
package final class County: Sendable {
    private struct State {
        var plants: CountyPlants
        var dice: Dice
        var book = ReceiptBook()
    }

    private struct Running {
        let panel: ModbusServer
        let line: ModbusServer
        let modbusPort: Int
        let serialPath: String
        let life: Task<Void, Never>
        let office: CountyOffice?
    }

    private let state: Mutex<State>
    private let running = Mutex<Running?>(nil)
    private let logger: Logger
    private static let tick = Duration.milliseconds(100)
    /// Time that passed while the process was stopped is not lived through, but for so much of it.
    private static let longestTick = 60.0

    /// - Parameter speed: how much faster than real time water and plants live. The fleet lives in real time.
    package init(seed: UInt64, speed: Double = 1, hourOfDay: Double = 9, logger: Logger = Logger(label: "county")) {
        let plants = CountyPlants(seed: seed, speed: speed, hourOfDay: hourOfDay)
        state = Mutex(State(plants: plants, dice: Dice(seed: seed, stream: 6)))
        self.logger = logger
    }

    /// The port of the pump station's Modbus server; 0 while it is not served.
    package var modbusPort: Int { running.withLock { $0?.modbusPort ?? 0 } }
    /// What a client opens as the farm's serial device; empty while it is not served.
    package var serialPath: String { running.withLock { $0?.serialPath ?? "" } }
    /// What gateways have delivered so far.
    package var receipts: Receipts {
        let lost = running.withLock { $0?.office?.lost }
        return state.withLock { state in
            if let lost { state.book.lose(lost) }
            return state.book.receipts
        }
    }
    /// The plants as they are at this moment.
    package var plants: CountyPlants { state.withLock { $0.plants } }

    /// Opens the ports and sets time going. Once. A port that is taken is an error; a broker that is away is dialled again
    /// and again.
    package func start(
        host: String = "127.0.0.1", modbusPort: Int = 0, serialLink: String? = nil, broker: BrokerAddress? = nil
    ) throws {
        precondition(running.withLock { $0 == nil }, "A county is started once.")
        let panel = ModbusServer { [weak self] unit, pdu in self?.askStation(unit, pdu) ?? .silence }
        let line = ModbusServer { [weak self] unit, pdu in self?.askFarm(unit, pdu) ?? .silence }
        let (port, path): (Int, String)
        do {
            port = try panel.serveTCP(host: host, port: modbusPort)
            path = try line.serveRTU(linkPath: serialLink)
        } catch {
            panel.stop()
            line.stop()
            throw error
        }
        let office = broker.map { CountyOffice($0, logger: logger) { [weak self] in self?.hear($0) } }
        // The task's parent is this object: `stop` cancels it and waits for its end.
        let life = Task { await self.live(office) }
        running.withLock {
            $0 = Running(
                panel: panel, line: line, modbusPort: port, serialPath: path, life: life, office: office)
        }
    }

    /// Closes everything and returns when it is closed. What had been received is still known afterwards.
    package func stop() async {
        guard let running = running.withLock({ $0 }) else { return }
        running.life.cancel()
        await running.life.value
        await running.office?.stop()
        _ = receipts
        self.running.withLock { $0 = nil }
        running.panel.stop()
        running.line.stop()
    }

    /// What a device says of a point at this moment, in the point's unit; bits as 1 and 0.
    package func said(_ point: String) -> Double? { state.withLock { $0.plants.said(point) } }

    /// Holds what a device says of a point, `site/device/point`, at a value. Selectors, trips, valves and run coils are
    /// turned instead, and the plant feels it. False: nobody has that point.
    @discardableResult
    package func set(_ point: String, to value: Double) -> Bool {
        state.withLock { $0.plants.set(point, to: value) }
    }

    /// Lets a held point go.
    @discardableResult
    package func release(_ point: String) -> Bool { state.withLock { $0.plants.set(point, to: nil) } }

    /// Makes a device, `site/device`, fail, or with nil heals it. False: nobody has that name, or it cannot fail so.
    @discardableResult
    package func fail(_ device: String, _ fault: Fault?) -> Bool {
        state.withLock { $0.plants.fail(device, fault) }
    }

    /// False: it names something the county does not have.
    @discardableResult
    package func obey(_ order: Order) -> Bool {
        state.withLock { state in
            switch order {
            case .set(let point, let value): return state.plants.set(point, to: value)
            case .fail(let device, let fault): return state.plants.fail(device, fault)
            case .storm(let peak, let minutes):
                state.plants.storm(peakMillimetresPerHour: peak, minutes: minutes)
                return true
            }
        }
    }

    // MARK: On the wire

    /// Behind the panel's gateway a unit that is not there is exception 11: "target device failed to respond".
    private func askStation(_ unit: UnitID, _ pdu: [UInt8]) -> ServerAnswer {
        state.withLock { state in
            let absent = ServerAnswer.pdu(PDU.exception(11, to: pdu.first ?? 0))
            return state.plants.station.serve(unit, pdu, dice: &state.dice, absent: absent)
        }
    }

    private func askFarm(_ unit: UnitID, _ pdu: [UInt8]) -> ServerAnswer {
        state.withLock { $0.plants.farm.serve(unit, pdu, dice: &$0.dice, absent: .silence) }
    }

    private func hear(_ news: CountyOffice.News) {
        switch news {
        case .delivery(let payload): state.withLock { $0.book.hear(payload) }
        case .order(let order):
            let isDone = obey(order)
            logger.log(level: isDone ? .info : .warning, "order", metadata: ["order": "\(order)", "done": "\(isDone)"])
        }
    }

    // MARK: Time

    private func live(_ office: CountyOffice?) async {
        let clock = ContinuousClock()
        let start = clock.now
        let schedule = state.withLock {
            FleetSchedule(vehicles: $0.plants.fleet.vehicles.count, bins: $0.plants.fleet.bins.count)
        }
        // The first moment of all is after this one.
        var (lived, next) = (-0.001, start)
        var late: [(at: Double, message: Fleet.Message)] = []
        while !Task.isCancelled {
            next = max(next + Self.tick, clock.now)
            do { try await clock.sleep(until: next) } catch { return }
            let span = start.duration(to: clock.now) / .seconds(1)
            let before = lived
            lived = span
            state.withLock { $0.plants.step(min(Self.longestTick, span - before)) }
            guard let office else { continue }
            for (sender, at) in schedule.due(after: max(before, span - Self.longestTick), until: span) {
                guard let message = message(from: sender, at: office.now()) else { continue }
                if message.delayMilliseconds > 0 {
                    late.append((at + Double(message.delayMilliseconds) / 1000, message))
                } else {
                    office.send(message)
                }
            }
            for (at, message) in late where at <= span { office.send(message) }
            late.removeAll { $0.at <= span }
        }
    }

    private func message(from sender: FleetSchedule.Sender, at milliseconds: Int64) -> Fleet.Message? {
        state.withLock { state in
            switch sender {
            case .vehicle(let index): state.plants.fleet.position(ofVehicle: index, at: milliseconds)
            case .bin(let index): state.plants.fleet.state(ofBin: index, at: milliseconds)
            }
        }
    }
}

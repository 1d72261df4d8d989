import ModbusTransport
package import MQTT
package import NIOCore
import Synchronization
package import Telemetry

/// A broker and the devices that speak through it.
package struct BrokerPlan: Sendable {
    package let name: String
    package let host: String
    package let port: Int
    package let devices: [FedDevice]
    package var user: String?
    package var password: String?
    package var tls: TLSFiles?

    package init(name: String, host: String, port: Int, devices: [FedDevice]) {
        self.name = name
        self.host = host
        self.port = port
        self.devices = devices
    }
}

/// The field: every link, polled or listened to. Readings leave through the sink; writes come in here.
package final class Acquisition: Sendable {
    private let tcp: TCPField
    private let tcpPoints: Set<PointID>
    private let lines: [(field: SerialField, points: Set<PointID>)]
    private let brokers: [BrokerField]
    private let time: any TimeSource
    private let nextWrite = Atomic<UInt64>(1)

    /// Opens nothing yet.
    /// - Parameter clientID: of this gateway at the brokers; two gateways with one name throw each other out.
    package init(
        links: [LinkPlan], brokers: [BrokerPlan], on loop: any EventLoop, clientID: String, time: any TimeSource, seed: UInt64,
        sink: Sink
    ) async throws {
        self.time = time
        var random = SeededRandom(seed: seed)
        var tcpPlans: [LinkPlan] = []
        var lines: [(SerialField, Set<PointID>)] = []
        for plan in links {
            switch plan.medium {
            case .tcp, .rtuOverTCP, .rtuListen: tcpPlans.append(plan)
            case .serial(let path, let baud, let parity, let stopBits):
                let line = SerialLine(path: path, baud: baud, parity: Parity(parity), stopBits: stopBits)
                let field = SerialField(plan, line: line, time: time, seed: random.next(), sink: sink)
                lines.append((field, Self.points(of: plan)))
            }
        }
        self.lines = lines
        tcpPoints = tcpPlans.reduce(into: []) { $0.formUnion(Self.points(of: $1)) }
        tcp = try await TCPField(tcpPlans, on: loop, time: time, seed: random.next(), sink: sink)
        self.brokers = brokers.map { BrokerField($0, clientID: "\(clientID)-\($0.name)", time: time, sink: sink) }
    }

    private static func points(of plan: LinkPlan) -> Set<PointID> {
        Set(plan.devices.flatMap { $0.points.map(\.id) })
    }

    /// Polls and listens until cancelled.
    package func run() async throws {
        try await tcp.start()
        try await withThrowingTaskGroup { group in
            for line in lines { group.addTask { try await line.field.run() } }
            for broker in brokers { group.addTask { await broker.run() } }
            // Links on the event loop need no task; this one keeps the group until it is cancelled.
            group.addTask { [time] in while true { try await time.sleep(for: .seconds(3600)) } }
            do { try await group.waitForAll() } catch is CancellationError {}
        }
        try await tcp.stop()
    }

    /// Writes to the device and reads back what it then holds. Returns within the link's timeouts.
    package func write(_ value: Value, to point: PointID) async -> WriteResult {
        let id = WriteID(number: nextWrite.wrappingAdd(1, ordering: .relaxed).oldValue)
        if tcpPoints.contains(point) { return await tcp.write(value, to: point, id: id) }
        guard let line = lines.first(where: { $0.points.contains(point) }) else {
            return .refused("no link leads to this point")
        }
        return await line.field.write(value, to: point, id: id)
    }

    /// How well each polled device answers.
    package func deviceStates() async throws -> [(device: DeviceID, state: DeviceState)] {
        var states = try await tcp.deviceStates()
        for line in lines { states += await line.field.deviceStates }
        return states
    }

    package func statistics() async throws -> AcquisitionStatistics {
        var sum = try await tcp.statistics()
        for line in lines {
            let part = await line.field.statistics
            sum.requests += part.requests
            sum.missedTicks += part.missedTicks
        }
        sum.messages = brokers.reduce(0) { $0 + $1.received }
        return sum
    }
}

extension Parity {
    fileprivate init(_ letter: Character) {
        switch letter {
        case "E": self = .even
        case "O": self = .odd
        default: self = .none
        }
    }
}

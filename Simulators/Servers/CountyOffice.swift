import Glibc
import Logging
import MQTT
import Plants

/// A broker by name and port, or by the path of its Unix socket.
package struct BrokerAddress: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    /// 0: `host` is a path.
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package init(socket path: String) { self.init(host: path, port: 0) }

    /// `127.0.0.1:1883`, or a path. nil for anything else.
    package init?(_ text: String) {
        if text.hasPrefix("/") {
            self.init(socket: text)
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let port = Int(parts[1]), (1...65535).contains(port) else { return nil }
        self.init(host: String(parts[0]), port: port)
    }

    package var description: String { port == 0 ? host : "\(host):\(port)" }
}

/// The county's two ends at the broker: the fleet's trackers and sensors, which send, and the office, which receives
/// what gateways forward and orders to the simulation itself.
final class CountyOffice: Sendable {
    enum News: Sendable {
        case delivery([UInt8])
        case order(Order)
    }

    private let fleet: MQTTClient
    private let desk: MQTTClient
    private let reading: Task<Void, Never>
    private let watching: Task<Void, Never>

    init(_ broker: BrokerAddress, logger: Logger, hear: @escaping @Sendable (News) -> Void) {
        fleet = MQTTClient(.init(host: broker.host, port: broker.port))
        var options = MQTTClient.Options(host: broker.host, port: broker.port)
        options.maximumReceived = 65_536
        desk = MQTTClient(options)
        for filter in ["headgate/#", "county/set", "county/fault"] { desk.subscribe(filter, qos: 1) }
        let messages = desk.messages
        let states = fleet.states
        // Both end when `stop` ends their streams, and `stop` waits for them.
        reading = Task { for await message in messages { Self.read(message, logger: logger, hear: hear) } }
        watching = Task {
            for await state in states {
                switch state {
                case .connected: logger.info("broker connected", metadata: ["broker": "\(broker)"])
                case .disconnected(let reason):
                    logger.warning("broker away", metadata: ["broker": "\(broker)", "error": "\(reason)"])
                }
            }
        }
        fleet.start()
        desk.start()
    }

    /// Deliveries that came faster than they were read.
    var lost: Int { desk.droppedMessages }

    /// The trackers' clocks: ms since 1970, UTC.
    func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// A tracker keeps nothing: what the broker does not take is gone.
    func send(_ message: Fleet.Message) {
        guard fleet.isConnected else { return }
        fleet.publish(topic: message.topic, payload: message.payload, qos: 1, acknowledged: { _ in })
    }

    func stop() async {
        // Our own goodbye is no news.
        watching.cancel()
        await watching.value
        await fleet.stop()
        await desk.stop()
        await reading.value
    }

    private static func read(_ message: MQTTMessage, logger: Logger, hear: (News) -> Void) {
        guard message.topic.hasPrefix("county/") else {
            hear(.delivery(message.payload))
            return
        }
        // A retained order was meant for another day.
        if message.isRetained { return }
        let text = String(decoding: message.payload, as: UTF8.self)
        guard let order = message.topic == "county/set" ? Order(set: text) : Order(fault: text) else {
            logger.warning("an order nobody understands", metadata: ["topic": "\(message.topic)", "text": "\(text.prefix(200))"])
            return
        }
        hear(.order(order))
    }
}

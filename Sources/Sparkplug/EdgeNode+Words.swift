package import Telemetry

/// A value of a metric, by name.
package struct MetricSample: Hashable, Sendable {
    package let metric: String
    /// Source time.
    package let time: Timestamp
    package let reading: Reading

    package init(metric: String, time: Timestamp, reading: Reading) {
        self.metric = metric
        self.time = time
        self.reading = reading
    }
}

extension EdgeNode {
    /// What the world tells an edge node.
    package enum Event: Sendable {
        /// Connect, and stay connected until `stop`.
        case start
        /// The broker has accepted the connection.
        case connected
        /// No CONNECT packet went out: no such name, no route, nobody listens.
        case unreachable
        /// The connection is over, by whomever; also a CONNECT that was refused, and the end of an asked-for `disconnect`.
        case disconnected
        case message(topic: String, payload: [UInt8], isRetained: Bool)
        /// Of a device, or of the node where it is nil; in the order they came.
        case samples([MetricSample], device: String?, Freshness)
        case deviceLost(String)
        case deviceBack(String)
        /// `deadline` has come.
        case tick
        /// Say goodbye, for good.
        case stop
    }

    package enum Freshness: Sendable {
        /// The news. While there is no session they are only remembered, for the next births.
        case live
        /// What was kept while nobody could hear it: goes out as historical, and never becomes the current value. To be told
        /// while `takesData` only.
        case backlog
    }

    /// What an edge node wants done, in this order.
    package enum Action: Hashable, Sendable {
        /// Keep this number over a restart before anything else: the next process begins with it.
        case store(nextBdSeq: UInt8)
        case connect(Connection)
        case subscribe([Subscription])
        case publish(Message)
        /// End the connection once everything published is out. With MQTT 5, `withWill` is reason code 0x04, "Disconnect with
        /// Will Message" (tck-id-payloads-ndeath-will-message-publisher-disconnect-mqtt50); then tell `disconnected`.
        case disconnect(withWill: Bool)
        case command(Command)
        /// A message, or one metric of it, that nothing comes of; a line for the log.
        case refused(Refusal)
        /// A sample that no birth has introduced, or of another type: told again, it will go the same way.
        case unpublishable(MetricSample, device: String?)
    }

    /// One CONNECT packet and its will.
    package struct Connection: Hashable, Sendable {
        /// Clean session (MQTT 3.1.1), or clean start with session expiry interval 0 (MQTT 5).
        package let isClean = true
        /// Of the shell's brokers, from 0.
        package let server: Int
        package let will: Message
        package let bdSeq: UInt8
        /// To wait for at least, beside the shell's own backoff.
        package let pause: Duration
    }

    package struct Subscription: Hashable, Sendable {
        package let filter: String
        package let qos: Int32
    }

    package struct Message: Hashable, Sendable {
        package let topic: String
        package let payload: [UInt8]
        package let qos: Int32
        /// Nothing of an edge node is ever retained.
        package let isRetained = false
    }

    /// A host wants a point to have a value. Whether it gets it is for `Control` to say.
    package struct Command: Hashable, Sendable {
        /// nil is the node itself.
        package let device: String?
        package let metric: String
        /// Of the metric's type.
        package let value: Value
        /// By the host's clock.
        package let sent: Timestamp
    }

    package struct Refusal: Hashable, Sendable {
        package enum Reason: Hashable, Sendable {
            /// The broker had kept it from before we listened: nobody knows who still wants it.
            case retained
            case unreadable(PayloadError)
            /// Not one of our devices.
            case unknownDevice
            /// No birth of this session has named it.
            case unknownMetric
            case notWritable
            /// The births are not out, so that nobody can know what it would write to.
            case noSession
            case deviceLost
            case noTimestamp
            /// Our clock was never set, so that no age can be told.
            case clockUntrusted
            case stale(Duration)
            case ahead(Duration)
            /// Sent before one that was already taken, or the same once more.
            case repeated
            case noValue
            /// No value of the metric's type.
            case incompatible(ValueType)
            case outOfRange(ClosedRange<Double>)
            /// A STATE older than what the host has said since.
            case outdatedState
        }

        package let topic: String
        /// By name, or else by alias; nil for a whole message.
        package let metric: String?
        package let reason: Reason
    }
}

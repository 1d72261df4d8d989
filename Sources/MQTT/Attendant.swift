/// What one connection is dialled with.
package struct Dial: Sendable, Hashable {
    package var will: MQTTClient.Will?
    /// To wait for at least before it, beside the client's own backoff.
    package var pause: Duration

    package init(will: MQTTClient.Will?, pause: Duration = .zero) {
        self.will = will
        self.pause = pause
    }
}

/// How a dial ended.
package enum Ending: Sendable, Hashable {
    /// No CONNECT packet went out: no such name, no route, nobody listens.
    case unreachable
    /// All else, from a refusal to the end of a long session.
    case disconnected
}

/// Someone to whom every single connection matters, as to a protocol whose sessions are MQTT's. Called on the client's thread,
/// and holds nobody up.
package struct Attendant: Sendable {
    /// Ahead of each dial: how the last one ended goes in, nil at the first. nil comes back to dial no more.
    package let dial: @Sendable (Ending?) -> Dial?
    /// The broker has accepted the connection, and the standing subscriptions are asked for.
    package let connected: @Sendable () -> Void

    package init(dial: @escaping @Sendable (Ending?) -> Dial?, connected: @escaping @Sendable () -> Void) {
        self.dial = dial
        self.connected = connected
    }
}

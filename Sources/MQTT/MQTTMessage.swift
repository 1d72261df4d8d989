package struct MQTTMessage: Hashable, Sendable {
    package let topic: String
    package let payload: [UInt8]
    /// 0, 1 or 2.
    package let qos: Int32
    /// Kept by the broker from before we subscribed: the past, not news.
    package let isRetained: Bool

    package init(topic: String, payload: [UInt8], qos: Int32 = 0, isRetained: Bool = false) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.isRetained = isRetained
    }
}

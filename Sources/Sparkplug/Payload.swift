package import Telemetry

/// Why bytes are no payload. Carries no bytes: they may be anything.
package enum PayloadError: Error, Hashable, Sendable {
    /// Not Protocol Buffers, or not of this schema.
    case malformed
    /// A metric's properties have more keys than values, or fewer (tck-id-payloads-propertyset-keys-array-size).
    case unevenProperties
    /// A number that is no data type.
    case unknownDataType(UInt32)
    /// A STATE message that is not `{"online":…,"timestamp":…}`.
    case notAState
}

/// What a Sparkplug B message carries, but for STATE.
package struct Payload: Hashable, Sendable {
    /// When it was sent.
    package var timestamp: Timestamp?
    package var metrics: [Metric]
    /// 0 to 255 from an edge node; none in commands and NDEATH.
    package var seq: UInt64?

    package init(timestamp: Timestamp?, metrics: [Metric] = [], seq: UInt64? = nil) {
        self.timestamp = timestamp
        self.metrics = metrics
        self.seq = seq
    }
}

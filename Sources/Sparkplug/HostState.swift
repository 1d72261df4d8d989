import FoundationEssentials
package import Telemetry

/// What a host application says of itself on its STATE topic: `{"online":true,"timestamp":1782000000000}`.
package struct HostState: Hashable, Sendable {
    package let isOnline: Bool
    /// When the host's connection was made, or ended; the same for a birth and the will that ends it.
    package let timestamp: Timestamp

    package init(isOnline: Bool, timestamp: Timestamp) {
        self.isOnline = isOnline
        self.timestamp = timestamp
    }

    /// Other keys are left unread. A state without a whole number for a time is none: its age could not be judged.
    package init(decoding payload: [UInt8]) throws(PayloadError) {
        struct Document: Decodable {
            let online: Bool
            let timestamp: Int64
        }
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(payload)) else { throw .notAState }
        self.init(isOnline: document.online, timestamp: Timestamp(milliseconds: document.timestamp))
    }
}

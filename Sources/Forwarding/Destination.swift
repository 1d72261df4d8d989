package import Historian

/// Someone upstream who takes the journal's entries over, by whatever protocol.
package protocol Destination: Sendable {
    /// The name its cursor has in the journal.
    var name: String { get }

    /// Returns when the receiver has acknowledged all of it; a `DestinationError` says what to do otherwise. The same entries may
    /// come again, alone or in other company: a repeat is the same point at the same source time.
    func send(_ entries: [Entry]) async throws

    /// Lets go of connections. Nothing is sent afterwards.
    func close() async
}

extension Destination {
    package func close() async {}
}

/// What went wrong with a send, by what helps.
package enum DestinationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The receiver calls it malformed: sent again as it is, it will be refused again.
    case refused(String)
    /// Everything else: sent again later, it may be taken. `retryAfter` is the receiver's own wish.
    case unavailable(String, retryAfter: Duration? = nil)

    package var description: String {
        switch self {
        case .refused(let why): "refused: \(why)"
        case .unavailable(let why, _): why
        }
    }
}

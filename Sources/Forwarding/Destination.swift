package import Historian

/// Someone upstream who takes the journal's entries over, by whatever protocol.
package protocol Destination: Sendable {
    /// The name its cursor has in the journal.
    var name: String { get }

    /// Whether there is a connection to send on; nil where only an attempt can tell.
    var isReady: Bool? { get }

    /// Whether `offer` is worth calling.
    var takesSingly: Bool { get }

    /// Whether `offer` is to be called while there is no connection as well: by those who keep in mind what is current.
    var hearsAll: Bool { get }

    /// The part of a batch that may be at fault by itself. A receiver that refuses more of what it is sent has a fault of its
    /// own, and nothing is given up.
    var greatestFault: Double { get }

    /// Returns when the receiver has acknowledged all of it; a `DestinationError` says what to do otherwise. The same entries may
    /// come again, alone or in other company: a repeat is the same point at the same source time.
    ///
    /// - Parameter isLate: there is newer already at the receiver, or on its way.
    func send(_ entries: [Entry], isLate: Bool) async throws

    /// Sends an entry without waiting, if the receiver is ready for it and this is the kind that can; `flush` sees it off.
    ///
    /// - Parameter settled: called once, soon, on any thread, if the entry was taken; never if it was not.
    /// - Returns: whether it was taken.
    func offer(_ entry: Entry, settled: @escaping @Sendable (DestinationError?) -> Void) -> Bool

    /// No more is offered for now.
    func flush()

    /// Lets go of connections. Nothing is sent afterwards.
    func close() async
}

extension Destination {
    package var isReady: Bool? { nil }

    package var takesSingly: Bool { false }

    package var hearsAll: Bool { false }

    package var greatestFault: Double { 1 }

    package func offer(_ entry: Entry, settled: @escaping @Sendable (DestinationError?) -> Void) -> Bool { false }

    package func flush() {}

    package func close() async {}
}

/// What went wrong with a send, by what helps.
package enum DestinationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The receiver calls it malformed: sent again as it is, it will be refused again.
    case refused(String)
    /// Likewise, and it says which of the samples it means. Whether it took the others is not known.
    case refusedSome([Fault])
    /// Too much at once.
    case tooLarge(String)
    /// Everything else: sent again later, it may be taken. `retryAfter` is the receiver's own wish.
    case unavailable(String, retryAfter: Duration? = nil)

    package struct Fault: Hashable, Sendable {
        /// Among all samples of the send, in their order.
        package let sample: Int
        package let reason: String
        /// The fault is the sample's own, even if the receiver takes nothing else.
        package let isCertain: Bool

        package init(sample: Int, reason: String, isCertain: Bool) {
            self.sample = sample
            self.reason = reason
            self.isCertain = isCertain
        }
    }

    package var description: String {
        switch self {
        case .refused(let why): "refused: \(why)"
        case .refusedSome(let faults): "refused: \(faults.first?.reason ?? "no reason given")"
        case .tooLarge(let why): "too much at once: \(why)"
        case .unavailable(let why, _): why
        }
    }
}

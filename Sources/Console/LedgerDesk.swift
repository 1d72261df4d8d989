import Hummingbird
import Synchronization
import Telemetry

/// Hands out the ledger, and asks for a new one every other second at most, however many are looking at it.
final class LedgerDesk: Sendable {
    private static let freshness = Duration.seconds(2)

    private let ask: ConsoleSource.Ledger
    private let gate = Gate(limit: 2)
    private let latest = Mutex<(answer: LedgerAnswer, at: Monotonic)?>(nil)

    init(ask: @escaping ConsoleSource.Ledger) { self.ask = ask }

    func ledger(at now: Moment) async throws -> LedgerAnswer {
        if let latest = latest.withLock({ $0 }), now.monotonic - latest.at < Self.freshness { return latest.answer }
        guard gate.enter() else { throw Refusal(.serviceUnavailable, "The ledger is being added up; ask again.") }
        defer { gate.leave() }
        let answer = LedgerAnswer(try await ask(), at: now.wall)
        latest.withLock { $0 = (answer, now.monotonic) }
        return answer
    }
}

/// The ledger as of a moment. Each destination's account stands by itself, and says whether it balances.
struct LedgerAnswer: Encodable, Sendable {
    struct Destination: Encodable, Sendable {
        let name: String
        let produced: Int
        let acknowledged: Int
        let pending: Int
        let expired: Int
        let dropped: Int
        /// Why dropped.
        let refused: Int
        let unreadable: Int
        /// Before they were stored.
        let lost: Int
        let isBalanced: Bool
    }

    let time: Timestamp
    let produced: Int
    let stored: Int
    let lost: [String: Int]
    let destinations: [Destination]
    let isBalanced: Bool
    let discrepancies: [String]

    init(_ ledger: ConsoleLedger, at time: Timestamp) {
        self.time = time
        (produced, stored, lost, discrepancies) = (ledger.produced, ledger.stored, ledger.lost, ledger.discrepancies)
        let lost = ledger.lost.values.reduce(0, +)
        destinations = ledger.destinations.map { to in
            let dropped = to.refused + to.unreadable
            return Destination(
                name: to.name, produced: ledger.produced, acknowledged: to.acknowledged, pending: to.pending, expired: to.expired,
                dropped: dropped, refused: to.refused, unreadable: to.unreadable, lost: lost,
                isBalanced: ledger.produced == to.acknowledged + to.pending + to.expired + dropped + lost)
        }
        isBalanced = ledger.discrepancies.isEmpty && ledger.produced == ledger.stored + lost && destinations.allSatisfy(\.isBalanced)
    }
}

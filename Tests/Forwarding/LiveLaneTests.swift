import Historian
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Forwarding

@Suite("What is new goes first", .timeLimit(.minutes(1)))
struct LiveLaneTests {
    /// A receiver that takes entries singly while it is there, and acknowledges when it is told to.
    private final class Broker: Destination {
        typealias Settled = @Sendable (DestinationError?) -> Void

        private struct State {
            var isThere = true
            var acknowledgesAtOnce = true
            var waiting: [(Entry, Settled)] = []
            var live: [Int64] = []
            var backlog: [(seq: Int64, isLate: Bool)] = []
            var flushes = 0
        }

        let name = "broker"
        let takesSingly = true
        private let state = Mutex(State())

        var isReady: Bool? { state.withLock { $0.isThere } }
        var live: [Int64] { state.withLock { $0.live } }
        var backlog: [Int64] { state.withLock { $0.backlog.map(\.seq) } }
        var late: [Bool] { state.withLock { $0.backlog.map(\.isLate) } }
        var flushes: Int { state.withLock { $0.flushes } }

        func set(there: Bool) {
            let lost = state.withLock { state in
                state.isThere = there
                defer { if !there { state.waiting = [] } }
                return there ? [] : state.waiting
            }
            for (_, settled) in lost { settled(.unavailable("the connection is lost")) }
        }

        func set(acknowledgesAtOnce: Bool) { state.withLock { $0.acknowledgesAtOnce = acknowledgesAtOnce } }

        func offer(_ entry: Entry, settled: @escaping Settled) -> Bool {
            let isAcknowledged = state.withLock { state in
                if state.acknowledgesAtOnce { state.live.append(entry.seq) } else { state.waiting.append((entry, settled)) }
                return state.acknowledgesAtOnce
            }
            if isAcknowledged { settled(nil) }
            return true
        }

        func flush() { state.withLock { $0.flushes += 1 } }

        func send(_ entries: [Entry], isLate: Bool) async throws {
            let isThere = state.withLock { state in
                if state.isThere { state.backlog += entries.map { ($0.seq, isLate) } }
                return state.isThere
            }
            guard isThere else { throw DestinationError.unavailable("nobody is there") }
        }
    }

    @Test("an entry leaves at the end of its turn, ahead of its commit, and counts once both are done")
    func ahead() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            let broker = Broker()
            let forwarder = Forwarder(destination: broker, journal: journal, time: time, logger: quiet)
            for value in 1...3 { journal.append(batch([.good(.double(Double(value)))], at: time.now())) }
            #expect(broker.live.isEmpty)
            journal.endTurn()
            #expect(broker.live == [1, 2, 3] && broker.flushes == 1)
            #expect(journal.committed == 0)
            #expect(try journal.ledger().destinations == [])
            #expect(try await standing(journal, "broker") == Account(acknowledged: 3, pending: 0, dropped: 0))
            #expect(await forwarder.status.acknowledged == 3)
            await forwarder.drain(until: time.now().monotonic + .seconds(5))
            #expect(broker.backlog.isEmpty)
        }
    }

    @Test("what was on its way when the connection broke, and what came meanwhile, follows as late; what is new does not wait for it")
    func backlog() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            let broker = Broker()
            let forwarder = Forwarder(destination: broker, journal: journal, time: time, logger: quiet)
            func append(_ count: Int) {
                for _ in 0..<count { journal.append(batch([.good(.double(1)), .good(.double(2))], at: time.now())) }
                journal.endTurn()
            }
            append(2)
            broker.set(acknowledgesAtOnce: false)
            append(2)
            try await journal.flush()
            #expect(try await standing(journal, "broker") == Account(acknowledged: 4, pending: 4, dropped: 0))
            broker.set(there: false)
            append(3)
            await time.advance(by: .seconds(60), sleepers: 0)
            broker.set(there: true)
            broker.set(acknowledgesAtOnce: true)
            append(2)
            #expect(broker.live == [1, 2, 8, 9])
            try await journal.flush()
            #expect(try journal.cursor(of: "broker") == 2)
            #expect(try await standing(journal, "broker") == Account(acknowledged: 8, pending: 10, dropped: 0))
            await forwarder.drain(until: time.now().monotonic + .seconds(60))
            #expect(broker.backlog == [3, 4, 5, 6, 7])
            #expect(!broker.late.contains(false))
            #expect(try await standing(journal, "broker") == Account(acknowledged: 18, pending: 0, dropped: 0))
            #expect(try journal.cursor(of: "broker") == 9)
        }
    }

    @Test(
        "nothing is sent twice while it is on its way, and nothing is lost, whatever the connection does",
        arguments: 0..<20 as Range<UInt64>)
    func anyOrder(seed: UInt64) async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            let broker = Broker()
            let forwarder = Forwarder(destination: broker, journal: journal, time: time, logger: quiet)
            var random = Seeded(seed)
            var last: Int64 = 0
            for _ in 0..<40 {
                switch Int.random(in: 0..<6, using: &random) {
                case 0: broker.set(there: false)
                case 1: broker.set(there: true)
                case 2: broker.set(acknowledgesAtOnce: .random(using: &random))
                case 3: try await journal.flush()
                default:
                    for _ in 0..<Int.random(in: 1...5, using: &random) {
                        journal.append(batch([.good(.double(1))], at: time.now()))
                        last += 1
                    }
                    journal.endTurn()
                }
            }
            // Whatever is still on its way is lost with the connection.
            broker.set(there: false)
            broker.set(there: true)
            broker.set(acknowledgesAtOnce: true)
            try await journal.flush()
            await forwarder.drain(until: time.now().monotonic + .seconds(600))
            #expect((broker.live + broker.backlog).sorted() == Array(1..<(last + 1)))
            #expect(broker.live == broker.live.sorted() && broker.backlog == broker.backlog.sorted())
            #expect(try await standing(journal, "broker") == Account(acknowledged: Int(last), pending: 0, dropped: 0))
            #expect(try journal.ledger().discrepancies == [])
        }
    }
}

import Foundation
import Historian
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Forwarding

@Suite("Seven days without the county", .timeLimit(.minutes(5)))
struct SevenDaysTests {
    private static let isLong = ProcessInfo.processInfo.environment["HEADGATE_LONG"] != nil

    /// The county's end: away for days, and then there again. Keeps what arrives, with when.
    private final class County: Destination {
        private struct State {
            var isThere = true
            var seen: [Int64: Monotonic] = [:]
            var repeats = 0
            var order: [Int64] = []
        }

        let name: String
        let takesSingly: Bool
        private let time: ManualTime
        private let state = Mutex(State())

        init(_ name: String, takesSingly: Bool, time: ManualTime) {
            (self.name, self.takesSingly, self.time) = (name, takesSingly, time)
        }

        /// Only who speaks over a connection can see that there is none.
        var isReady: Bool? { takesSingly ? state.withLock { $0.isThere } : nil }
        var order: [Int64] { state.withLock { $0.order } }
        func arrival(of seq: Int64) -> Monotonic? { state.withLock { $0.seen[seq] } }
        func set(there: Bool) { state.withLock { $0.isThere = there } }

        func offer(_ entry: Entry, settled: @escaping @Sendable (DestinationError?) -> Void) -> Bool {
            guard take([entry]) else { return false }
            settled(nil)
            return true
        }

        func send(_ entries: [Entry], isLate: Bool) async throws {
            guard take(entries) else { throw DestinationError.unavailable("the line is down") }
        }

        private func take(_ entries: [Entry]) -> Bool {
            let now = time.now().monotonic
            return state.withLock { state in
                guard state.isThere else { return false }
                for entry in entries where state.seen.updateValue(now, forKey: entry.seq) == nil { state.order.append(entry.seq) }
                return true
            }
        }
    }

    @Test("never 20: data is lost in silence: the days arrive in order, and what is new within two seconds of the line")
    func away() async throws {
        // A reading every so many seconds.
        let pace = Self.isLong ? 5 : 60
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            let counties = [County("broker", takesSingly: true, time: time), County("series", takesSingly: false, time: time)]
            let forwarders = counties.map { Forwarder(destination: $0, journal: journal, time: time, logger: quiet) }
            try await forwarding(forwarders[0]) {
                try await forwarding(forwarders[1]) {
                    /// Lives through a span, with readings.
                    func live(_ span: Int, every pace: Int) async throws {
                        for tick in 0..<span / pace {
                            journal.append(batch((0..<8).map { .good(.double(Double(tick * 8 + $0))) }, device: tick % 2, at: time.now()))
                            journal.endTurn()
                            if tick % 20 == 0 || pace == 1 { try await journal.flush() }
                            for _ in 0..<4 { await time.advance(by: .milliseconds(pace * 250), sleepers: 0) }
                        }
                        try await journal.flush()
                    }
                    try await live(60, every: 1)
                    for county in counties { county.set(there: false) }
                    let first = journal.committed
                    try await live(7 * 86_400, every: pace)
                    let last = journal.committed
                    #expect(last - first == Int64(7 * 86_400 / pace))
                    for county in counties { #expect(county.order.count <= Int(first)) }

                    let back = time.now().monotonic
                    for county in counties { county.set(there: true) }
                    // A forwarder that asks only now and then learns of it with its next attempt.
                    try await live(60, every: 1)
                    let news = try #require(counties[0].arrival(of: last + 1))
                    #expect(news - back <= .seconds(2))
                    // Whoever cannot see the line asks every half a minute at the latest; from its first success on, two seconds.
                    let restored = try #require(counties[1].order.dropFirst(Int(first)).first.flatMap { counties[1].arrival(of: $0) })
                    #expect(restored - back <= .seconds(31))
                    let arrivals = (last + 1...journal.committed).compactMap { counties[1].arrival(of: $0) }
                    #expect(try #require(arrivals.first { $0 >= restored }) - restored <= .seconds(2))

                    for county in counties {
                        await until {
                            await time.advance(by: .milliseconds(250), sleepers: 0)
                            return county.order.count == Int(journal.committed)
                        }
                        #expect(Set(county.order) == Set(1...journal.committed))
                        // What came just before the line may still go ahead of the backlog, as what is new does: some commits of 20.
                        let recent = last - 100
                        #expect(county.order.filter { $0 > first && $0 <= recent } == Array(first + 1...recent), "days in their order")
                        #expect(county.order.filter { $0 > recent && $0 <= last }.count == 100)
                    }
                }
            }
            let ledger = try await { try await journal.flush(); return try journal.ledger() }()
            #expect(ledger.discrepancies.isEmpty)
        }
    }
}

import Historian
import RealServers
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Forwarding

@Suite("After an outage", .timeLimit(.minutes(2)))
struct BackfillTests {
    /// What a receiver got and when, by the manual clock.
    private final class Arrivals: Sendable {
        let log = Mutex<[(at: Monotonic, seqs: [Int64], samples: Int, latency: Duration)]>([])
        func note(_ entries: [Entry], at now: Moment) {
            let latest = entries.map { now.wall.since($0.received) }.max() ?? .zero
            log.withLock { $0.append((now.monotonic, entries.map(\.seq), entries.reduce(0) { $0 + $1.samples.count }, latest)) }
        }
    }

    private let eight = (0..<8).map { Reading.good(.int(Int64($0))) }

    /// A journal with so many entries of eight samples, all an hour old.
    private func backlog(_ entries: Int, in folder: String, _ time: ManualTime) async throws -> Journal {
        let journal = try journal(in: folder, time: time)
        let past = time.now().advanced(by: .seconds(-3600))
        for index in 0..<entries {
            journal.append(batch(eight, device: index % 2, at: past.advanced(by: .milliseconds(index))))
            if index % 1000 == 999 { try await journal.flush() }
        }
        try await journal.flush()
        return journal
    }

    private func forwarder(_ script: Script, _ journal: Journal, _ time: ManualTime, rate: Double?) -> Forwarder {
        var options = Forwarder.Options()
        options.backfill = rate
        return Forwarder(destination: script, journal: journal, time: time, options: options, logger: quiet)
    }

    /// Moves the time in steps of 50 ms, with a new entry every second, until the backlog is through; each step waits until the
    /// forwarder sleeps or is done.
    private func live(
        _ journal: Journal, _ time: ManualTime, until isOver: @Sendable () async -> Bool,
        each: @Sendable (Int) async throws -> Void
    ) async throws {
        var tick = 0
        while await !isOver() {
            if tick % 20 == 0 {
                journal.append(batch(eight, at: time.now()))
                try await journal.flush()
            }
            try await each(tick)
            await time.advance(by: .milliseconds(50))
            for _ in 0..<20 { await breathe() }
            tick += 1
            try #require(tick < 40_000, "it never ends")
        }
    }

    @Test("a record at fault in a backlog that goes entry by entry is told from the receiver, and holds up nothing")
    func poison() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            let past = time.now().advanced(by: .seconds(-3600))
            for index in 0..<700 {
                journal.append(batch([.good(.double(index == 3 ? 666 : 1))], at: past.advanced(by: .milliseconds(index))))
            }
            try await journal.flush()
            let script = Script { _, entries in
                if entries.contains(where: \.isPoison) { throw DestinationError.refused("HTTP 400") }
            }
            let forwarder = forwarder(script, journal, time, rate: 4)
            try await forwarding(forwarder) {
                try await live(journal, time, until: { script.taken.contains { $0.seq == 12 } }) { _ in }
            }
            #expect(await forwarder.status.dropped == 1)
        }
    }

    @Test(
        "what is new arrives within a second; the receiver never gets more than the rate of what is old; the end comes when it was said"
    )
    func rateAndEstimate() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try await backlog(4000, in: folder, time)
            let arrivals = Arrivals()
            let estimates = Mutex<[(at: Timestamp, end: Timestamp)]>([])
            let script = Script { _, entries in arrivals.note(entries, at: time.now()) }
            let forwarder = forwarder(script, journal, time, rate: 1000)
            let start = time.now().monotonic
            try await forwarding(forwarder) {
                try await live(journal, time, until: { script.taken.contains { $0.seq == 4000 } }) { tick in
                    guard tick % 40 == 0, let end = await forwarder.status.estimatedEnd else { return }
                    estimates.withLock { $0.append((time.now().wall, end)) }
                }
            }
            let over = time.now()
            let log = arrivals.log.withLock { $0 }
            let old = log.filter { ($0.seqs.first ?? 0) <= 4000 }
            let new = log.filter { ($0.seqs.first ?? 0) > 4000 }
            #expect(old.reduce(0) { $0 + $1.samples } == 32_000)
            for (index, first) in old.enumerated() {
                var sum = 0
                for send in old[index...].prefix(40) {
                    sum += send.samples
                    // One batch more at most, and what the clock of this test cannot tell apart.
                    #expect(Double(sum) <= 1000 * (send.at - first.at).seconds + 250 + 50)
                }
            }
            #expect(new.count >= 25)
            #expect(new.allSatisfy { $0.latency <= .seconds(1) }, "\(new.map(\.latency).max() ?? .zero)")
            let took = over.monotonic - start
            #expect(took > .seconds(30) && took < .seconds(36), "\(took)")
            let told = estimates.withLock { $0 }
            #expect(told.count >= 10)
            for (at, end) in told.dropFirst() where over.wall.since(at) > .seconds(5) {
                let (said, was) = (end.since(at).seconds, over.wall.since(at).seconds)
                #expect(abs(said / was - 1) < 0.1, "said \(said) s, was \(was) s")
            }
        }
    }

    @Test("without a limit the old goes as fast as it is taken, and still behind the new")
    func unlimited() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try await backlog(3000, in: folder, time)
            let script = Script { attempt, _ in
                // While the first of the old are on their way, something new is stored.
                guard attempt == 1 else { return }
                journal.append(batch((0..<8).map { .good(.int($0)) }, at: time.now()))
                try await journal.flush()
            }
            let forwarder = forwarder(script, journal, time, rate: nil)
            try await forwarding(forwarder) { await until { script.taken.count == 3001 } }
            let place = try #require(script.sent.firstIndex { $0.contains(3001) })
            #expect(place == 1 && script.sent.count > 5)
            #expect(try await standing(journal, "script") == Account(acknowledged: 24_008, pending: 0, dropped: 0))
        }
    }

    @Test("a receiver under pressure is spared, and gets all of it in the end")
    func pressure() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try await backlog(3000, in: folder, time)
            let arrivals = Arrivals()
            // It has enough after 500 samples in any second.
            let script = Script { _, entries in
                let now = time.now()
                let samples = entries.reduce(0) { $0 + $1.samples.count }
                let recent = arrivals.log.withLock {
                    $0.filter { now.monotonic - $0.at < .seconds(1) }.reduce(0) { $0 + $1.samples }
                }
                if recent > 0, recent + samples > 500 { throw DestinationError.unavailable("HTTP 429", retryAfter: .seconds(3)) }
                arrivals.note(entries, at: now)
            }
            let forwarder = forwarder(script, journal, time, rate: 2000)
            try await withTimeFlowing(time, by: .milliseconds(50)) {
                try await forwarding(forwarder) { await until { await forwarder.status.pending == 0 } }
            }
            #expect(try await standing(journal, "script") == Account(acknowledged: 24_000, pending: 0, dropped: 0))
            let refusals = script.attempts - arrivals.log.withLock { $0.count }
            #expect(refusals > 0 && refusals < script.attempts / 4, "\(refusals) of \(script.attempts)")
        }
    }

    @Test("a destination that hangs delays no other")
    func apart() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try await backlog(2000, in: folder, time)
            let hung = Script("hung") { _, _ in try await time.sleep(for: .seconds(3600)) }
            let prompt = Script("prompt")
            try await forwarding(forwarder(hung, journal, time, rate: nil)) {
                await until { hung.attempts == 1 }
                try await forwarding(forwarder(prompt, journal, time, rate: nil)) { await until { prompt.taken.count == 2000 } }
            }
            #expect(try await standing(journal, "prompt")?.pending == 0)
            #expect(try await standing(journal, "hung")?.pending ?? 16_000 == 16_000)
        }
    }

    @Test(
        "a receiver for whom a batch is too large gets smaller ones, not one sample fewer, and does not hear of the size at every turn"
    )
    func tooLarge() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try await backlog(2000, in: folder, time)
            let refusals = Atomic(0)
            let script = Script { _, entries in
                guard entries.reduce(0, { $0 + $1.samples.count }) > 300 else { return }
                refusals.add(1, ordering: .relaxed)
                throw DestinationError.tooLarge("HTTP 413")
            }
            try await forwarding(forwarder(script, journal, time, rate: nil)) { await until { script.taken.count == 2000 } }
            #expect(try await standing(journal, "script") == Account(acknowledged: 16_000, pending: 0, dropped: 0))
            #expect(refusals.load(ordering: .relaxed) < 15, "\(refusals.load(ordering: .relaxed))")
        }
    }
}

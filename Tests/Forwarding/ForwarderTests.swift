import Historian
import MQTT
import Telemetry
import TestSupport
import Testing

@testable import Forwarding

@Suite("A forwarder", .timeLimit(.minutes(1)))
struct ForwarderTests {
    private func forwarder(_ destination: Script, _ journal: Journal, _ time: ManualTime, entries: Int = 500) -> Forwarder {
        var options = Forwarder.Options()
        options.maximumEntries = entries
        return Forwarder(destination: destination, journal: journal, time: time, options: options, logger: quiet)
    }

    @Test("it sends what is committed, in order, and as it comes")
    func follows() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            let script = Script()
            journal.append(batch([.good(.double(1)), .bad(.commFailure)], at: time.now()))
            try await forwarding(forwarder(script, journal, time)) {
                #expect(script.attempts == 0)
                try await journal.flush()
                await until { script.taken.count == 1 }
                for index in 0..<3 {
                    journal.append(batch([.good(.double(Double(index)))], device: 1, at: time.now()))
                    try await journal.flush()
                }
                await time.advance(by: .milliseconds(500))
                await until { script.taken.count == 4 }
            }
            #expect(script.taken.map(\.seq) == script.taken.map(\.seq).sorted())
            #expect(script.taken.map(\.device) == ["pump", "valve", "valve", "valve"])
            #expect(script.taken[0].samples.map(\.reading) == [.good(.double(1)), .bad(.commFailure)])
            #expect(try await standing(journal, "script")?.acknowledged == 5)
            #expect(try await standing(journal, "script")?.pending == 0)
        }
    }

    @Test("a receiver that is away costs one event when it goes and one when it is back, and waits that grow")
    func away() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            let start = time.now()
            let script = Script { attempt, _ in
                if attempt <= 6 { throw DestinationError.unavailable("the road is flooded") }
            }
            journal.append(batch([.good(.double(1))], at: time.now()))
            try await journal.flush()
            let forwarder = forwarder(script, journal, time)
            try await withTimeFlowing(time) {
                try await forwarding(forwarder) {
                    await until { await forwarder.status.failedAttempts == 3 }
                    let status = await forwarder.status
                    #expect(status.reason == "the road is flooded" && status.failingSince != nil)
                    #expect(status.pending == 1 && status.acknowledged == 0)
                    await until { script.taken.count == 1 }
                    await until { await forwarder.status.reason == nil }
                }
            }
            // Six waits of 1, 2, 4, 8, 16 and 30 s, of each at least the half.
            #expect(time.now().monotonic - start.monotonic >= .seconds(30.5))
            try await journal.flush()
            let events = try journal.latestEvents(limit: 100).map(\.event).filter { $0.origin == "forwarding" }
            #expect(events.map(\.subject) == ["script", "script"] && events.allSatisfy { $0.kind == .link })
            #expect(events.first?.text == "takes no readings: the road is flooded. They stay in the store and are sent later.")
            #expect(events.last?.text.hasSuffix("and 6 attempts in vain") == true)
        }
    }

    @Test("a receiver that asks for patience gets it, within reason")
    func retryAfter() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            let start = time.now().monotonic
            let script = Script { attempt, _ in
                if attempt == 1 { throw DestinationError.unavailable("busy", retryAfter: .seconds(120)) }
                if attempt == 2 { throw DestinationError.unavailable("busy", retryAfter: .seconds(86_400)) }
            }
            journal.append(batch([.good(.double(1))], at: time.now()))
            try await journal.flush()
            try await withTimeFlowing(time, by: .seconds(5)) {
                try await forwarding(forwarder(script, journal, time)) { await until { script.taken.count == 1 } }
            }
            let waited = time.now().monotonic - start
            #expect(waited >= .seconds(420) && waited < .seconds(1000))
        }
    }

    @Test("a receiver that never answers is given up after the time it has, and tried again")
    func silence() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            let script = Script { attempt, _ in if attempt == 1 { try await Task.sleep(for: .seconds(3600)) } }
            journal.append(batch([.good(.double(1))], at: time.now()))
            try await journal.flush()
            let forwarder = forwarder(script, journal, time)
            try await forwarding(forwarder) {
                await until { script.attempts == 1 }
                await time.advance(by: .seconds(30))
                await until { await forwarder.status.reason == "no acknowledgement within 30.0 seconds" }
                await time.advance(by: .seconds(1))
                await until { script.taken.count == 1 }
            }
        }
    }

    @Test("cancelled in the middle of a send, it ends, and the cursor stays where it was")
    func cancelled() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            let script = Script { _, _ in try await Task.sleep(for: .seconds(3600)) }
            journal.append(batch([.good(.double(1))], at: time.now()))
            try await journal.flush()
            try await forwarding(forwarder(script, journal, time)) { await until { script.attempts == 1 } }
            #expect(try journal.cursor(of: "script") == 0)
            #expect(try journal.pending(of: "script") == 1)
        }
    }

    @Test("at shutdown the rest is sent; a receiver that hangs does not hold the door")
    func drains() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            for _ in 0..<25 { journal.append(batch([.good(.double(1))], at: time.now())) }
            try await journal.flush()
            let prompt = Script("prompt")
            await forwarder(prompt, journal, time, entries: 10).drain(until: time.now().monotonic + .seconds(5))
            #expect(prompt.sent.map(\.count) == [10, 10, 5])
            #expect(try await standing(journal, "prompt")?.acknowledged == 25)
            let hung = Script("hung") { _, _ in try await Task.sleep(for: .seconds(3600)) }
            async let drained: Void = forwarder(hung, journal, time).drain(until: time.now().monotonic + .seconds(5))
            await until { hung.attempts == 1 }
            await time.advance(by: .seconds(5), sleepers: 2)
            await drained
            #expect(try journal.pending(of: "hung") == 25)
        }
    }

    @Test("after a restart on the same file it goes on behind its cursor")
    func restarts() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            do {
                let journal = try journal(in: folder, time: time)
                for _ in 0..<3 { journal.append(batch([.good(.double(1))], at: time.now())) }
                try await journal.flush()
                await forwarder(Script(), journal, time).drain(until: time.now().monotonic + .seconds(5))
            }
            let journal = try journal(in: folder, time: time)
            journal.append(batch([.good(.double(2))], at: time.now()))
            try await journal.flush()
            let script = Script()
            await forwarder(script, journal, time).drain(until: time.now().monotonic + .seconds(5))
            #expect(script.sent == [[4]])
            #expect(try await standing(journal, "script")?.acknowledged == 4)
        }
    }

    @Test("what is refused as malformed is found, told, counted, and does not stop the rest")
    func poison() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            for index in 0..<20 {
                journal.append(batch([.good(.double(1)), .good(.double(index == 13 ? 666 : 2))], at: time.now()))
            }
            try await journal.flush()
            let script = Script { _, entries in
                if entries.contains(where: \.isPoison) { throw DestinationError.refused("HTTP 400 Bad Request") }
            }
            let forwarder = forwarder(script, journal, time)
            await forwarder.drain(until: time.now().monotonic + .seconds(5))
            #expect(try await standing(journal, "script") == Account(acknowledged: 39, pending: 0, dropped: 1))
            #expect(await forwarder.status.dropped == 1)
            let events = try journal.latestEvents(limit: 10).map(\.event).filter { $0.origin == "forwarding" }
            #expect(
                events.map(\.text) == [
                    "north/pump/p1 of 2026-06-21T00:00:00.000Z (entry 14) will not be sent: HTTP 400 Bad Request. The store keeps it."
                ])
        }
    }

    @Test("a receiver that refuses everything is a receiver at fault: all of it waits until it is mended")
    func refusesEverything() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            for _ in 0..<5 { journal.append(batch([.good(.double(1))], at: time.now())) }
            try await journal.flush()
            let isMended = Flag()
            let script = Script { _, _ in if !isMended.isSet { throw DestinationError.refused("no such database") } }
            let forwarder = forwarder(script, journal, time)
            try await withTimeFlowing(time) {
                try await forwarding(forwarder) {
                    await until { await forwarder.status.failedAttempts == 3 }
                    #expect(await forwarder.status.pending == 5)
                    isMended.set()
                    await until { await forwarder.status.acknowledged == 5 }
                }
            }
            #expect(try await standing(journal, "script") == Account(acknowledged: 5, pending: 0, dropped: 0))
        }
    }

    @Test(
        "stored = acknowledged + pending + dropped at every moment, through faults of every kind",
        arguments: 0..<6 as Range<UInt64>)
    func ledger(seed: UInt64) async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            let script = Script { attempt, entries in
                var random = Seeded(seed << 32 | UInt64(attempt))
                switch Int.random(in: 0..<10, using: &random) {
                case 0: throw DestinationError.unavailable("HTTP 503", retryAfter: .seconds(2))
                case 1: throw DestinationError.unavailable("the link went")
                default: if entries.contains(where: \.isPoison) { throw DestinationError.refused("HTTP 400") }
                }
            }
            let forwarder = forwarder(script, journal, time, entries: 16)
            let (good, poison) = try await withTimeFlowing(time, by: .seconds(1)) {
                try await forwarding(forwarder) {
                    let (good, poison) = try await produce(seed, into: journal, at: { time.now() }) { stored in
                        guard let account = try await standing(journal, "script") else { return }
                        #expect(account.acknowledged + account.pending + account.dropped == stored)
                    }
                    // A good one at the end, so that the last one at fault has company.
                    journal.append(batch([.good(.double(1))], at: time.now()))
                    try await journal.flush()
                    await until { await forwarder.status.pending == 0 }
                    return (good + 1, poison)
                }
            }
            #expect(try await standing(journal, "script") == Account(acknowledged: good, pending: 0, dropped: poison))
            let distinct = Set(script.taken.flatMap { entry in entry.named.map { "\(entry.seq) \($0.point)" } })
            #expect(distinct.count == good)
        }
    }
}

extension Entry {
    var isPoison: Bool { samples.contains { $0.reading == .good(.double(666)) } }
}

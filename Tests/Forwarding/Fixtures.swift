import FoundationEssentials
import Historian
import Logging
import Synchronization
import Telemetry
import TestSupport

@testable import Forwarding
import RealServers

/// A small random number generator, so that a failing seed can be run again.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

func withFolder<Answer>(_ body: (String) async throws -> Answer) async throws -> Answer {
    let folder = FileManager.default.temporaryDirectory.path + "/headgate-forwarding-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

/// Two devices of eight points each, `north/pump/p0…` and `south/valve/p0…`.
let directory: Directory = {
    let devices = [(site: "north", name: "pump"), (site: "south", name: "valve")]
    let points = devices.indices.flatMap { device in
        (0..<8).compactMap { PointName(site: devices[device].site, device: devices[device].name, point: "p\($0)") }
            .map { Point(name: $0, device: DeviceID(index: device), type: .double, unit: "m", maximumAge: .seconds(3)) }
    }
    return Directory(points: points, devices: devices)
}()

let quiet = Logger(label: "forwarding", factory: { _ in SwiftLogNoOpLogHandler() })

func journal(in folder: String, time: any TimeSource) throws -> Journal {
    try Journal(folder: folder, directory: directory, time: time, logger: quiet)
}

/// A batch of a device's first points.
func batch(_ readings: [Reading], device: Int = 0, at now: Moment) -> Batch {
    let points = directory.devices[device].points
    return Batch(
        device: DeviceID(index: device), received: now,
        samples: zip(points, readings).map { Sample(point: $0, time: now.wall, reading: $1) })
}

func entry(
    _ seq: Int64, _ readings: [(point: String, time: Int64, reading: Reading)], site: String = "north", device: String = "pump"
) -> Entry {
    let samples = readings.compactMap { item in
        PointName(site: site, device: device, point: item.point).map {
            StoredSample(point: $0, unit: "m", time: Timestamp(milliseconds: item.time), reading: item.reading)
        }
    }
    return Entry(seq: seq, site: site, device: device, received: Timestamp(milliseconds: 1000), samples: samples)
}

/// A receiver in memory that answers as its script says and remembers what it took.
final class Script: Destination {
    let name: String
    private let answer: @Sendable (_ attempt: Int, [Entry]) async throws -> Void
    private let state = Mutex((attempts: 0, taken: [Entry](), sent: [[Int64]]()))

    init(_ name: String = "script", answer: @escaping @Sendable (_ attempt: Int, [Entry]) async throws -> Void = { _, _ in }) {
        self.name = name
        self.answer = answer
    }

    var attempts: Int { state.withLock { $0.attempts } }
    var taken: [Entry] { state.withLock { $0.taken } }
    /// Entry numbers, send by send, taken or not.
    var sent: [[Int64]] { state.withLock { $0.sent } }

    func send(_ entries: [Entry], isLate: Bool) async throws {
        let attempt = state.withLock { state in
            state.attempts += 1
            state.sent.append(entries.map(\.seq))
            return state.attempts
        }
        try await answer(attempt, entries)
        state.withLock { $0.taken += entries }
    }
}

/// Runs the body, with time flowing beside it whenever someone sleeps.
func withTimeFlowing<Answer: Sendable>(
    _ time: ManualTime, by step: Duration = .milliseconds(250), _ body: @Sendable () async throws -> Answer
) async throws -> Answer {
    try await withThrowingTaskGroup(of: Void.self) { group in
        let isOver = Flag()
        group.addTask { @concurrent in
            while !isOver.isSet {
                await time.advance(by: step, sleepers: 0)
                await breathe()
            }
        }
        defer { isOver.set() }
        return try await body()
    }
}

final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

/// Runs a forwarder beside the body, and ends it with the body.
func forwarding<Answer: Sendable>(_ forwarder: Forwarder, _ body: @Sendable () async throws -> Answer) async throws -> Answer {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await forwarder.run() }
        defer { group.cancelAll() }
        return try await body()
    }
}

/// Waits for what other threads and processes do in their own time.
func until(_ condition: @Sendable () async throws -> Bool) async rethrows {
    while try await !condition() { await breathe() }
}


struct Account: Equatable {
    var acknowledged: Int
    var pending: Int
    var dropped: Int
}

/// What the file says of a destination, once everything so far is committed.
func standing(_ journal: Journal, _ name: String) async throws -> Account? {
    try await journal.flush()
    return try journal.ledger().destinations.first { $0.name == name }
        .map { Account(acknowledged: $0.acknowledged, pending: $0.pending, dropped: $0.dropped) }
}

/// Stores batches of ones, and here and there a 666, checking the account after each commit. Returns how many of each.
func produce(
    _ seed: UInt64, into journal: Journal, at now: @Sendable () -> Moment, check: (Int) async throws -> Void
) async throws -> (good: Int, poison: Int) {
    var random = Seeded(seed)
    var (good, poison) = (0, 0)
    for _ in 0..<30 {
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let values = (0..<Int.random(in: 1...8, using: &random)).map { _ in
                Double.random(in: 0..<1, using: &random) < 0.02 ? 666.0 : 1.0
            }
            good += values.count { $0 == 1 }
            poison += values.count { $0 == 666 }
            journal.append(batch(values.map { .good(.double($0)) }, at: now()))
        }
        try await check(good + poison)
    }
    return (good, poison)
}

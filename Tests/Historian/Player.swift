import Telemetry

@testable import Historian

/// A gateway played by chance: producers, two destinations that follow, and a store that is short of room. It remembers all that was
/// committed and all that was received.
struct Player {
    /// A destination's page that was read and is not settled yet, and what is on its way without having been asked for.
    struct Follower {
        var page: Page?
        var live: [Entry] = []
        var received: [Int64: Entry] = [:]
    }

    static let names = ["cloud", "county"]

    let folder: String
    var random: Seeded
    private(set) var journal: Journal
    private(set) var followers: [String: Follower] = [:]
    /// What was appended, by number; what a crash forgot is not among it.
    private(set) var written: [Int64: Entry] = [:]
    private(set) var thinned = 0
    private var shown = Shown()
    private var second = 0
    private let options: Journal.Options

    init(_ folder: String, seed: UInt64) throws {
        self.folder = folder
        random = Seeded(seed)
        var options = Journal.Options(maximumBytesOfTail: seed % 3 == 0 ? 3000 : 0, patience: .milliseconds(20))
        options.destinations = Self.names
        self.options = options
        journal = try opened(folder, options)
        begin()
    }

    private mutating func begin() {
        let shown = Shown()
        journal.follow(append: { shown.add($0) }, turn: {})
        self.shown = shown
        for name in Self.names { followers[name] = Follower(received: followers[name]?.received ?? [:]) }
    }

    mutating func append() {
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            second += Int.random(in: 0...12, using: &random)
            let time = noon.advanced(by: .seconds(second))
            let samples = (0..<Int.random(in: 1...4, using: &random)).map { point in
                Sample(point: PointID(index: point), time: time, reading: reading(point))
            }
            journal.append(Batch(device: DeviceID(index: 0), received: Moment(monotonic: .zero, wall: time), samples: samples))
            guard let entry = shown.entries.last else { continue }
            written[entry.seq] = entry
            for name in Self.names where Int.random(in: 0..<8, using: &random) == 0 { followers[name]?.live.append(entry) }
        }
    }

    private mutating func reading(_ point: Int) -> Reading {
        switch (point, Int.random(in: 0..<12, using: &random)) {
        case (_, 0): .bad(.commFailure)
        case (1, let chance): .good(.bool(chance < 3))
        case (2, let chance): .good(.string(chance < 2 ? "manual" : "auto"))
        default: .good(.double(Double.random(in: 0...1, using: &random)))
        }
    }

    /// As the forwarder does it: what is claimed is what has left by itself; the page before is forgotten.
    mutating func read(_ name: String, entries: Int) async throws {
        let claimed = RangeSet((followers[name]?.live ?? []).map { $0.seq..<$0.seq + 1 })
        let page = try await journal.backlog(of: name, besides: claimed, entries: entries, samples: 100)
        followers[name]?.page = page
    }

    /// Some of the page arrives, or all of it.
    mutating func settle(_ name: String, all: Bool) {
        guard let page = followers[name]?.page else { return }
        followers[name]?.page = nil
        var start = page.start
        for part in [page.entries.prefix(page.entries.count / 2), page.entries.suffix(from: page.entries.count / 2)] {
            guard let last = part.last else { continue }
            for entry in part { receive(entry, name) }
            journal.settle(start..<last.seq + 1, for: name, Outcome(acknowledged: part.reduce(0) { $0 + $1.samples.count }))
            start = last.seq + 1
            if !all, Bool.random(using: &random) { return }
        }
        if start <= page.through { journal.settle(start..<page.through + 1, for: name, Outcome(unreadable: page.unreadable)) }
    }

    /// Something that left by itself is acknowledged, or comes back.
    mutating func acknowledge(_ name: String) {
        guard let index = followers[name]?.live.indices.randomElement(using: &random), let entry = followers[name]?.live.remove(at: index)
        else { return }
        guard Int.random(in: 0..<4, using: &random) > 0 else { return }
        receive(entry, name)
        journal.settle(entry.seq..<entry.seq + 1, for: name, Outcome(acknowledged: entry.samples.count))
    }

    /// What arrives a second time may be less.
    private mutating func receive(_ entry: Entry, _ name: String) {
        let before = followers[name]?.received[entry.seq]?.samples.count ?? 0
        if entry.samples.count >= before { followers[name]?.received[entry.seq] = entry }
    }

    /// The process is gone, and begins again.
    mutating func crash() throws {
        let committed = journal.committed
        for seq in written.keys where seq > committed {
            written[seq] = nil
            for name in Self.names { followers[name]?.received[seq] = nil }
        }
        journal = try opened(folder, options)
        begin()
    }

    mutating func thin() throws {
        if let lost = try journal.thinSome(rows: Int.random(in: 1...12, using: &random)) { thinned += lost.values.reduce(0, +) }
    }
}

private func opened(_ folder: String, _ options: Journal.Options) throws -> Journal { try journal(in: folder, options: options) }

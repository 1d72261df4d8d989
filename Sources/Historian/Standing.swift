/// How far a destination has got: which entries are settled, and what became of their samples.
struct Standing: Hashable, Sendable {
    /// The numbers of entries that were acknowledged or given up. One range from the beginning as a rule; more while a backlog
    /// is being sent behind what is new.
    private(set) var settled: RangeSet<Int64>
    var samples = Outcome()

    /// Everything up to and with this number is settled.
    init(through seq: Int64 = 0) { settled = RangeSet(0..<max(seq, 0) &+ 1) }

    init(settled: RangeSet<Int64>, samples: Outcome) {
        self.settled = settled
        self.samples = samples
        self.settled.insert(contentsOf: 0..<1)
    }

    /// Everything up to and with this number is settled.
    var cursor: Int64 { (settled.ranges.first?.upperBound ?? 1) - 1 }

    /// The last number that is settled, though some before it may not be.
    var last: Int64 { (settled.ranges.last?.upperBound ?? 1) - 1 }

    /// Takes note of entries; a repeat changes nothing.
    mutating func settle(_ entries: Range<Int64>, _ outcome: Outcome) {
        guard !entries.isEmpty, entries.lowerBound >= 0, !contains(entries) else { return }
        settled.insert(contentsOf: entries)
        samples += outcome
    }

    /// Takes note of samples that are gone from the journal: those that were not settled are expired, and entries that are gone
    /// altogether are settled by that.
    /// - Returns: how many expired.
    @discardableResult
    mutating func lose(_ removal: Removal) -> Int {
        let count = removal.count(besides: settled)
        samples.expired += count
        settled.formUnion(removal.entries)
        return count
    }

    func contains(_ entries: Range<Int64>) -> Bool {
        settled.ranges.last.map { $0.contains(entries.lowerBound) && entries.upperBound <= $0.upperBound } == true
            || settled.isSuperset(of: RangeSet(entries))
    }

    /// The first numbers up to a limit that are neither settled nor claimed.
    func gap(through limit: Int64, besides claimed: RangeSet<Int64>) -> Range<Int64>? {
        guard limit > cursor else { return nil }
        let taken = claimed.isEmpty ? settled : settled.union(claimed)
        var next: Int64 = 0
        for range in taken.ranges {
            if range.lowerBound > next { return next <= limit ? next..<min(range.lowerBound, limit + 1) : nil }
            next = range.upperBound
        }
        return next <= limit ? next..<limit + 1 : nil
    }

    /// Forgets that anything after this number is settled, and what it counted for.
    mutating func restart(after seq: Int64) { self = Standing(through: seq) }
}

/// What became of samples on their way to a destination.
package struct Outcome: Hashable, Sendable {
    package var acknowledged: Int
    /// The receiver calls them malformed.
    package var refused: Int
    /// The store could not read them back.
    package var unreadable: Int
    /// Removed from the store, for want of room or by age, before the receiver had them.
    package var expired: Int

    package init(acknowledged: Int = 0, refused: Int = 0, unreadable: Int = 0, expired: Int = 0) {
        self.acknowledged = acknowledged
        self.refused = refused
        self.unreadable = unreadable
        self.expired = expired
    }

    package var total: Int { acknowledged + refused + unreadable + expired }

    static func += (sum: inout Outcome, more: Outcome) {
        sum.acknowledged += more.acknowledged
        sum.refused += more.refused
        sum.unreadable += more.unreadable
        sum.expired += more.expired
    }
}

extension RangeSet<Int64> {
    /// `0-1234,1300-1310`, ends included.
    var text: String { ranges.map { "\($0.lowerBound)-\($0.upperBound - 1)" }.joined(separator: ",") }

    /// nil for a text that is none of ours.
    init?(text: String) {
        self.init()
        for word in text.split(separator: ",") {
            let ends = word.split(separator: "-", omittingEmptySubsequences: false).compactMap { Int64($0) }
            guard ends.count == 2, word.first != "-", 0 <= ends[0], ends[0] <= ends[1], ends[1] < .max else { return nil }
            insert(contentsOf: ends[0]..<ends[1] + 1)
        }
    }
}

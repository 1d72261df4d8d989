import Historian

/// One batch on its way to a receiver that may refuse parts of it: decides what to send next, from what was said to what was
/// sent before.
///
/// A batch that is refused as malformed is halved until the samples at fault stand alone. They are given up only once the
/// receiver has taken something else of the same batch: a receiver that refuses all there is has a fault of its own, and
/// costs no sample.
struct Delivery {
    /// Entries that are settled, from the front of the batch: acknowledged but for what was refused.
    struct Progress: Equatable {
        /// The last settled entry; the cursor may move here.
        var through: Int64
        var acknowledged = 0
        var refused: [Refusal] = []
    }

    struct Refusal: Equatable {
        let entry: Entry
        let samples: Int
        let reason: String
    }

    private enum Piece {
        case entries(Range<Int>)
        case samples(Range<Int>, of: Int)
    }

    private struct Account {
        /// Acknowledged or looked into: an entry without samples is settled by that alone.
        var isLookedAt = false
        var acknowledged = 0
        var refused = 0
        var reason = ""
    }

    private let entries: [Entry]
    /// The next piece is the last one.
    private var pieces: [Piece]
    private var accounts: [Account]
    /// Refused as a whole, and not looked into yet.
    private var suspects: [Int] = []
    private var hasProbed = false
    private(set) var hasAccepted = false
    /// Entries before this one are settled and reported.
    private var front = 0
    /// The receiver's latest reason to refuse.
    private(set) var reason = ""

    init(_ entries: [Entry]) {
        self.entries = entries
        pieces = entries.isEmpty ? [] : [.entries(0..<entries.count)]
        accounts = Array(repeating: Account(), count: entries.count)
    }

    /// What to send next; nil when there is nothing left to try.
    var next: [Entry]? {
        switch pieces.last {
        case nil: nil
        case .entries(let range): Array(entries[range])
        case .samples(let range, let index): [entries[index].keeping(range)]
        }
    }

    /// Whether something is left that the receiver refuses, without having taken anything.
    var isRefusedAltogether: Bool { pieces.isEmpty && front < entries.count }

    /// The receiver has acknowledged `next`.
    mutating func accepted() -> Progress? {
        guard let piece = pieces.popLast() else { return nil }
        switch piece {
        case .entries(let range):
            for index in range {
                accounts[index].isLookedAt = true
                accounts[index].acknowledged = entries[index].samples.count
                // To take nothing proves nothing.
                if !entries[index].samples.isEmpty { hasAccepted = true }
            }
        case .samples(let range, let index):
            accounts[index].acknowledged += range.count
            hasAccepted = true
        }
        lookIntoSuspects()
        return progress()
    }

    /// The receiver calls `next` malformed.
    mutating func refused(_ why: String) -> Progress? {
        guard let piece = pieces.popLast() else { return nil }
        reason = why
        switch piece {
        case .entries(let range) where range.count > 1:
            let middle = range.lowerBound + range.count / 2
            pieces += [.entries(middle..<range.upperBound), .entries(range.lowerBound..<middle)]
        case .entries(let range): suspects.append(range.lowerBound)
        case .samples(let range, let index): divide(range, of: index, why)
        }
        lookIntoSuspects()
        return progress()
    }

    private mutating func divide(_ range: Range<Int>, of index: Int, _ why: String) {
        guard range.count > 1 else {
            accounts[index].refused += range.count
            accounts[index].reason = why
            return
        }
        let middle = range.lowerBound + range.count / 2
        pieces += [.samples(middle..<range.upperBound, of: index), .samples(range.lowerBound..<middle, of: index)]
    }

    /// Once the entries are through: into each that was refused, if anything was taken; else into the first, since it may be one
    /// bad point that spoils every entry there is.
    private mutating func lookIntoSuspects() {
        while pieces.isEmpty, !suspects.isEmpty, hasAccepted || !hasProbed {
            hasProbed = true
            let index = suspects.removeFirst()
            accounts[index].isLookedAt = true
            divide(0..<entries[index].samples.count, of: index, reason)
        }
    }

    private mutating func progress() -> Progress? {
        var progress: Progress?
        while front < entries.count {
            let (entry, account) = (entries[front], accounts[front])
            guard account.isLookedAt, account.acknowledged + account.refused == entry.samples.count else { break }
            guard account.refused == 0 || hasAccepted else { break }
            var settled = progress ?? Progress(through: entry.seq)
            settled.through = entry.seq
            settled.acknowledged += account.acknowledged
            if account.refused > 0 {
                settled.refused.append(Refusal(entry: entry, samples: account.refused, reason: account.reason))
            }
            progress = settled
            front += 1
        }
        return progress
    }
}

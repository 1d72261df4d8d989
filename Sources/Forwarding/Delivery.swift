import Historian

/// One batch on its way to a receiver that may refuse parts of it: decides what to send next, from what was said to what was
/// sent before.
///
/// A batch that is refused as malformed is halved until the samples at fault stand alone, unless the receiver names them. They
/// are given up only once it has taken something else of the same batch, and enough of it: a receiver that refuses all there is,
/// or most, has a fault of its own, and costs no sample.
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
        /// By the samples' places in the entry, in order.
        let faults: [(place: Int, reason: String)]

        static func == (a: Refusal, b: Refusal) -> Bool {
            a.entry == b.entry && a.faults.elementsEqual(b.faults) { $0 == $1 }
        }
    }

    private enum Piece {
        case entries(Range<Int>)
        case samples(Range<Int>, of: Int)
    }

    private struct Account {
        /// Acknowledged or looked into: an entry without samples is settled by that alone.
        var isLookedAt = false
        var acknowledged = 0
        /// Why, by the sample's place.
        var refused: [Int: String] = [:]
    }

    private let entries: [Entry]
    private let greatestFault: Double
    /// The next piece is the last one.
    private var pieces: [Piece]
    private var accounts: [Account]
    /// Refused as a whole, and not looked into yet.
    private var suspects: [Int] = []
    private var hasProbed = false
    private(set) var hasAccepted = false
    /// Refused, but for those that are certainly at fault themselves.
    private var doubtful = 0
    /// Entries before this one are settled and reported.
    private var front = 0
    /// The receiver's latest reason to refuse.
    private(set) var reason = ""

    /// - Parameter greatestFault: the part of the samples that may be given up, 0 to 1.
    init(_ entries: [Entry], greatestFault: Double = 1) {
        self.entries = entries
        self.greatestFault = greatestFault
        pieces = entries.isEmpty ? [] : [.entries(0..<entries.count)]
        accounts = Array(repeating: Account(), count: entries.count)
    }

    /// What to send next; nil when there is nothing left to try.
    var next: [Entry]? {
        switch pieces.last {
        case nil: nil
        case .entries(let range): range.flatMap { remaining(0..<entries[$0].samples.count, of: $0) }
        case .samples(let range, let index): remaining(range, of: index)
        }
    }

    /// Whether something is left that the receiver refuses, without having taken enough else.
    var isRefusedAltogether: Bool { pieces.isEmpty && front < entries.count }

    /// Sees to it that `next` holds no more samples than these, as far as entries can be left for later.
    mutating func fit(_ most: Int) {
        while case .entries(let range) = pieces.last, range.count > 1, range.reduce(0, { $0 + entries[$1].samples.count }) > most
        {
            pieces.removeLast()
            halve(range)
        }
    }

    private mutating func halve(_ range: Range<Int>) {
        let middle = range.lowerBound + range.count / 2
        pieces += [.entries(middle..<range.upperBound), .entries(range.lowerBound..<middle)]
    }

    /// The receiver has acknowledged `next`.
    mutating func accepted() -> Progress? {
        guard let piece = pieces.popLast() else { return nil }
        for (range, index) in places(of: piece) {
            let taken = range.count - accounts[index].refused.keys.count { range.contains($0) }
            accounts[index].isLookedAt = true
            accounts[index].acknowledged += taken
            // To take nothing proves nothing.
            if taken > 0 { hasAccepted = true }
        }
        lookIntoSuspects()
        return progress()
    }

    /// The receiver calls `next` malformed, or too large.
    mutating func refused(_ why: String) -> Progress? {
        guard let piece = pieces.popLast() else { return nil }
        reason = why
        switch piece {
        case .entries(let range) where range.count > 1: halve(range)
        case .entries(let range): suspects.append(range.lowerBound)
        case .samples(let range, let index): divide(range, of: index, why)
        }
        lookIntoSuspects()
        return progress()
    }

    /// The receiver says which samples of `next` it means. The others go once more, without them.
    mutating func refused(_ faults: [DestinationError.Fault]) -> Progress? {
        guard let piece = pieces.last, let first = faults.first else { return refused("no reason given") }
        reason = first.reason
        let places = places(of: piece).flatMap { range, index in
            range.filter { accounts[index].refused[$0] == nil }.map { (index: index, place: $0) }
        }
        var isAny = false
        for fault in faults where places.indices.contains(fault.sample) {
            let (index, place) = places[fault.sample]
            refuse(place, of: index, fault.reason, isCertain: fault.isCertain)
            isAny = true
        }
        guard isAny else { return refused(first.reason) }
        if next?.allSatisfy({ $0.samples.isEmpty }) == true { return accepted() }
        return progress()
    }

    /// By entry.
    private func places(of piece: Piece) -> [(range: Range<Int>, index: Int)] {
        switch piece {
        case .entries(let range): range.map { (0..<entries[$0].samples.count, $0) }
        case .samples(let range, let index): [(range, index)]
        }
    }

    /// What is not refused yet of an entry, itself where that is all.
    private func remaining(_ range: Range<Int>, of index: Int) -> [Entry] {
        let entry = entries[index]
        let refused = accounts[index].refused.keys.filter { range.contains($0) }.sorted()
        if refused.isEmpty { return range.count == entry.samples.count ? [entry] : [entry.keeping(range)] }
        let ends = [range.lowerBound - 1] + refused + [range.upperBound]
        return zip(ends, ends.dropFirst()).filter { $1 - $0 > 1 }.map { entry.keeping($0 + 1..<$1) }
    }

    private mutating func refuse(_ place: Int, of index: Int, _ why: String, isCertain: Bool) {
        guard accounts[index].refused.updateValue(why, forKey: place) == nil else { return }
        if !isCertain { doubtful += 1 }
    }

    private mutating func divide(_ range: Range<Int>, of index: Int, _ why: String) {
        guard range.count > 1 else {
            if let place = range.first { refuse(place, of: index, why, isCertain: false) }
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

    /// Whether what is refused may be given up: at once where a part has no limit, else when all is known.
    private var mayGiveUp: Bool {
        if doubtful == 0 { return true }
        guard hasAccepted, greatestFault < 1 else { return hasAccepted }
        guard pieces.isEmpty, suspects.isEmpty else { return false }
        let samples = entries.reduce(0) { $0 + $1.samples.count }
        return Double(doubtful) <= greatestFault * Double(samples)
    }

    private mutating func progress() -> Progress? {
        let mayGiveUp = mayGiveUp
        var progress: Progress?
        while front < entries.count {
            let (entry, account) = (entries[front], accounts[front])
            guard account.isLookedAt, account.acknowledged + account.refused.count == entry.samples.count else { break }
            guard account.refused.isEmpty || mayGiveUp else { break }
            var settled = progress ?? Progress(through: entry.seq)
            settled.through = entry.seq
            settled.acknowledged += account.acknowledged
            if !account.refused.isEmpty {
                let faults = account.refused.sorted { $0.key < $1.key }.map { (place: $0.key, reason: $0.value) }
                settled.refused.append(Refusal(entry: entry, faults: faults))
            }
            progress = settled
            front += 1
        }
        return progress
    }
}

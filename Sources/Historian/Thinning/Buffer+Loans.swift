/// What is lent, and what is taken away: never the same.
extension Buffer {
    /// What a destination gets to read next.
    struct Lease: Sendable {
        let gap: Range<Int64>
        /// What is in memory of it, if it begins there.
        let page: Page?
        /// Rows are being rewritten that may be among it: what is read before that is done must not be used.
        let mustWait: Bool
    }

    /// Lends a destination what it has not settled; nil if there is nothing.
    mutating func lend(
        to destination: String, through limit: Int64, besides claimed: RangeSet<Int64>, entries: Int, samples: Int
    ) -> Lease? {
        let others = untimed.isEmpty ? claimed : claimed.union(untimed)
        let gap = (standing(of: destination) ?? Standing()).gap(through: limit, besides: others)
        let page = gap.flatMap { tail.page(of: $0, entries: entries, samples: samples) }
        let lent = page.map { $0.start..<$0.through + 1 } ?? gap
        loans.lend(lent ?? 0..<0, to: destination, besides: claimed, through: limit)
        return gap.map { Lease(gap: $0, page: page, mustWait: loans.isRewriting) }
    }

    /// What was read of a gap from the disk: nil if it could not be.
    mutating func lent(_ page: Page?, to destination: String) {
        loans.narrow(page.map { $0.start..<$0.through + 1 } ?? 0..<0, of: destination)
    }

    /// From now on until the end of it, whoever reads the journal's rows waits.
    mutating func beginRewriting(for destinations: [String]) -> Loans.Held {
        loans.isRewriting = true
        var held = loans.held(for: destinations, opened: opened)
        // What is in memory as well is read from there, and counts as it is there.
        for first in [tail.first, untimed.ranges.first?.lowerBound] { held.end = min(held.end, first ?? .max) }
        return held
    }

    mutating func endRewriting() { loans.isRewriting = false }

    /// - Returns: how many samples each destination lost.
    mutating func endRewriting(_ removal: Removal, for destinations: [String]) -> [String: Int] {
        endRewriting()
        return lose(removal, for: destinations)
    }
}

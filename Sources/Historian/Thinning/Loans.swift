/// What was lent to whom. A destination that has a page under way settles it by the counts that it read, so nothing may be taken
/// out of that page meanwhile, or the account would not add up.
struct Loans: Sendable {
    private struct Loan: Sendable {
        /// What is being read, and once it is read, what was found. The next one takes its place.
        var page: Range<Int64>
        /// On their way already, each settled on its own.
        var claimed: RangeSet<Int64>
        /// What comes after it may leave at any time as it is appended, without being asked for.
        var through: Int64
    }

    /// What must stay as it is.
    struct Held: Sendable {
        /// Entries that are settled many at once.
        var pages = RangeSet<Int64>()
        /// All that are on their way.
        var entries = RangeSet<Int64>()
        /// This entry, and all after it.
        var end: Int64
    }

    /// While the journal's rows are being rewritten: whoever reads them comes after that.
    var isRewriting = false
    private var loans: [String: Loan] = [:]

    mutating func lend(_ page: Range<Int64>, to destination: String, besides claimed: RangeSet<Int64>, through: Int64) {
        loans[destination] = Loan(page: page, claimed: claimed, through: through)
    }

    /// The destination has read, and found no more than this.
    mutating func narrow(_ page: Range<Int64>, of destination: String) { loans[destination]?.page = page }

    /// - Parameters:
    ///   - destinations: those who may ask.
    ///   - opened: the last entry that was there when the file was opened. Nothing of it is on its way to someone who has not asked yet.
    func held(for destinations: [String], opened: Int64) -> Held {
        var held = Held(end: .max)
        for name in Set(destinations).union(loans.keys) {
            let loan = loans[name]
            held.end = min(held.end, (loan?.through ?? opened) + 1)
            guard let loan else { continue }
            if !loan.page.isEmpty { held.pages.insert(contentsOf: loan.page) }
            held.entries.formUnion(loan.claimed)
        }
        held.entries.formUnion(held.pages)
        return held
    }
}

/// Samples that were taken out of the journal.
struct Removal: Sendable {
    /// By entry, in order.
    var samples: [(entry: Int64, count: Int)] = []
    /// Entries that are gone altogether.
    var entries = RangeSet<Int64>()

    /// Those that a destination had not settled.
    func count(besides settled: RangeSet<Int64>) -> Int {
        samples.reduce(0) { $0 + (settled.contains($1.entry) ? 0 : $1.count) }
    }
}

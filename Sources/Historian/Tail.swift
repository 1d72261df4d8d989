import DequeModule
import Telemetry

/// Entries that were read together.
package struct Page: Sendable {
    package var entries: [Entry] = []
    /// The first number that was looked for.
    package let start: Int64
    /// Whether that is all there was to be read.
    package var isWhole = true
    /// Everything up to and with this number was looked at.
    package var through: Int64
    /// Samples of rows that cannot be read any more.
    package var unreadable = 0

    init(of range: Range<Int64>) {
        start = range.lowerBound
        through = range.upperBound - 1
    }
}

/// The latest entries, as long as memory allows.
struct Tail: Sendable {
    private var entries: Deque<Entry> = []
    private var bytes = 0
    private let maximumBytes: Int

    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    /// The number of its oldest entry.
    var first: Int64? { entries.first?.seq }

    mutating func append(_ entry: Entry) {
        entries.append(entry)
        bytes += Self.cost(entry)
        while bytes > maximumBytes, let oldest = entries.popFirst() { bytes -= Self.cost(oldest) }
    }

    mutating func removeAll() {
        entries.removeAll()
        bytes = 0
    }

    /// As `Queries.page`; nil if the beginning of the range is not here.
    func page(of range: Range<Int64>, entries limit: Int, samples most: Int) -> Page? {
        guard let oldest = entries.first, oldest.seq <= range.lowerBound else { return nil }
        var page = Page(of: range)
        var samples = 0
        var place = entries.partitioned { $0.seq < range.lowerBound }
        while place < entries.count, entries[place].seq < range.upperBound {
            let entry = entries[place]
            if page.entries.count >= limit || samples > 0 && samples + entry.samples.count > most {
                page.through = entry.seq - 1
                page.isWhole = false
                break
            }
            page.entries.append(entry)
            samples += entry.samples.count
            place += 1
        }
        return page
    }

    private static func cost(_ entry: Entry) -> Int {
        MemoryLayout<Entry>.stride + 32 + entry.samples.count * MemoryLayout<Sample>.stride
    }
}

extension Deque {
    /// The number of elements before the first that is not so; those that are stand before those that are not.
    fileprivate func partitioned(by isBefore: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

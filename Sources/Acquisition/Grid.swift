import Telemetry

/// What a link has to do and when, the soonest first: a binary heap in one array, so that the next wake-up costs nothing
/// to know however many scans there are.
struct Grid: Sendable {
    /// Places in the poller's arrays.
    enum Item: Sendable {
        /// A tick of a scan.
        case scan(Int)
        /// A unit's pause is over.
        case resume(Int)
        /// Time to see how a silent unit does.
        case check(Int)
        /// Dead units may take time of the link again.
        case gate
    }

    private struct Entry: Sendable {
        let due: Monotonic
        let item: Item
    }

    /// Scans are placed on multiples of this, so that what is due together leaves together.
    static let slot = Duration.milliseconds(100)

    /// In how many of a second's slots the scans of many links are best placed: waking up costs more than what is done then, so
    /// a slot is filled before the next is opened.
    static func places(for requestsPerSecond: Double) -> Int64 { Int64(min(max(requestsPerSecond / 128, 1), 10)) }

    private var heap: [Entry] = []

    var count: Int { heap.count }
    var next: Monotonic { heap.first?.due ?? .never }

    mutating func add(_ item: Item, at due: Monotonic) {
        heap.append(Entry(due: due, item: item))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].due < heap[parent].due else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes out the soonest of what is due.
    mutating func take(dueBy now: Monotonic) -> Item? {
        guard let first = heap.first, first.due <= now else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first.item }
        heap[0] = last
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { break }
            let right = left + 1
            let child = right < heap.count && heap[right].due < heap[left].due ? right : left
            guard heap[child].due < heap[parent].due else { break }
            heap.swapAt(child, parent)
            parent = child
        }
        return first.item
    }
}

extension Monotonic {
    static let never = Monotonic(nanoseconds: .max)
}

import Telemetry

/// When each of a fixed number of members asks to be woken, the soonest at hand: a binary heap that knows where everyone is.
struct WakeQueue: Sendable {
    private static let never = Monotonic(nanoseconds: .max)

    private var times: [Monotonic]
    /// Members by heap order; of equal times the lower member comes first.
    private var heap: [Int32]
    /// Where each member stands in the heap.
    private var places: [Int32]

    /// Everyone is due at once.
    init(count: Int) {
        times = Array(repeating: Monotonic(nanoseconds: .min), count: count)
        heap = (0..<count).map(Int32.init)
        places = heap
    }

    /// nil for never.
    var soonest: Monotonic? { heap.first.map { times[Int($0)] }.flatMap { $0 < Self.never ? $0 : nil } }

    func time(of member: Int) -> Monotonic? { times[member] < Self.never ? times[member] : nil }

    /// - Parameter time: nil for never.
    mutating func set(_ member: Int, to time: Monotonic?) {
        let time = time ?? Self.never
        let before = times[member]
        guard time != before else { return }
        times[member] = time
        if time < before { rise(Int(places[member])) } else { sink(Int(places[member])) }
    }

    /// The members whose time has come, in no order; they are asleep until set again.
    mutating func take(until now: Monotonic) -> [Int] {
        var taken: [Int] = []
        while let first = heap.first, times[Int(first)] <= now, times[Int(first)] < Self.never {
            taken.append(Int(first))
            set(Int(first), to: nil)
        }
        return taken
    }

    private func precedes(_ a: Int32, _ b: Int32) -> Bool {
        let (x, y) = (times[Int(a)], times[Int(b)])
        return x == y ? a < b : x < y
    }

    private mutating func rise(_ place: Int) {
        var place = place
        while place > 0, precedes(heap[place], heap[(place - 1) / 2]) {
            swap(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func sink(_ place: Int) {
        var place = place
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count && precedes(heap[child], heap[least]) { least = child }
            if least == place { return }
            swap(place, least)
            place = least
        }
    }

    private mutating func swap(_ a: Int, _ b: Int) {
        heap.swapAt(a, b)
        places[Int(heap[a])] = Int32(a)
        places[Int(heap[b])] = Int32(b)
    }
}

import FoundationEssentials

/// What the county has received from its gateways, counted. Messages as `headgate/<site>/<device>` carries them:
/// `{"site", "device", "time", "values": {point: value}, "times": {point: ms}}`, times in ms since 1970.
package struct Receipts: Hashable, Sendable, Codable {
    /// Messages that could be read.
    package internal(set) var messages = 0
    /// Values in them, repeats included.
    package internal(set) var samples = 0
    /// Values of different (point, source time). A floor once `isExact` is false.
    package internal(set) var distinct = 0
    /// Messages that could not be read.
    package internal(set) var unreadable = 0
    /// Messages lost because they came faster than they were counted.
    package internal(set) var lost = 0
    package internal(set) var isExact = true
}

/// Counts receipts. It remembers each (point, time) as 64 bits of hash, up to a limit: some days of a small county.
struct ReceiptBook: Sendable {
    private(set) var receipts = Receipts()
    private var seen: Set<Int> = []
    private let limit: Int

    init(limit: Int = 16_000_000) { self.limit = limit }

    private struct Arrival: Decodable {
        /// A value that nobody here looks at.
        struct Anything: Decodable {
            init(from decoder: any Decoder) throws {}
        }
        let site: String
        let device: String
        let time: Int64
        let values: [String: Anything?]
        let times: [String: Int64]?
    }

    mutating func hear(_ payload: [UInt8]) {
        guard let arrival = try? JSONDecoder().decode(Arrival.self, from: Data(payload)) else {
            receipts.unreadable += 1
            return
        }
        receipts.messages += 1
        receipts.samples += arrival.values.count
        for point in arrival.values.keys {
            var hasher = Hasher()
            hasher.combine(arrival.site)
            hasher.combine(arrival.device)
            hasher.combine(point)
            hasher.combine(arrival.times?[point] ?? arrival.time)
            let mark = hasher.finalize()
            if seen.contains(mark) { continue }
            guard seen.count < limit else {
                receipts.isExact = false
                continue
            }
            seen.insert(mark)
            receipts.distinct += 1
        }
    }

    mutating func lose(_ count: Int) { receipts.lost = count }
}

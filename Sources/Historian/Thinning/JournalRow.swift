import FoundationEssentials
import GRDB
import Telemetry

/// A row of the journal on its way through the thinner.
struct JournalRow {
    let seq: Int64
    let first: Int64
    /// Of source times, in ms: the earliest and the latest.
    private(set) var times: (earliest: Int64, latest: Int64)
    private(set) var count: Int64
    /// As it was when all was there.
    let total: Int64
    private(set) var payload: [UInt8]
    /// Samples that went.
    private(set) var lost: Int64 = 0
    /// No entry is left in it.
    private(set) var isEmpty = false

    /// - Parameter row: seq, first, first_time, last_time, count, total, payload.
    init(_ row: Row) throws {
        seq = try row.decode(Int64.self, atIndex: 0)
        first = try row.decode(Int64.self, atIndex: 1)
        times = (try row.decode(Int64.self, atIndex: 2), try row.decode(Int64.self, atIndex: 3))
        count = try row.decode(Int64.self, atIndex: 4)
        total = try row.decode(Int64.self, atIndex: 5)
        payload = Array(try row.decode(Data.self, atIndex: 6))
    }

    /// A damaged row stays as it is, and is told when it is read.
    ///
    /// - Parameter held: entries that stay whole.
    /// - Returns: the samples that went, by entry.
    mutating func thin(_ thinner: inout Thinner, besides held: RangeSet<Int64>) -> [(entry: Int64, count: Int)] {
        var encoder = PayloadEncoder()
        var batches: [Numbered] = []
        var gone: [(entry: Int64, count: Int)] = []
        do throws(PayloadError) {
            var decoder = try PayloadDecoder(payload)
            while let head = try decoder.next() {
                let batch = try Store.batch(head, &decoder)
                let isHeld = held.contains(head.seq)
                // The thinner hears of all: what is held back now is what the next sample is compared with.
                let samples = batch.samples.filter { thinner.keeps(Int64($0.point.index), $0.time, $0.reading) || isHeld }
                if samples.count < head.count { gone.append((head.seq, head.count - samples.count)) }
                guard !samples.isEmpty || isHeld else { continue }
                let rest = Batch(device: batch.device, received: batch.received, samples: samples)
                encoder.add(rest, seq: head.seq, device: head.device, ids: nil)
                batches.append(Numbered(seq: head.seq, batch: rest))
            }
        } catch { return [] }
        guard !gone.isEmpty else { return [] }
        let span = Store.times(of: batches[...])
        times = (span.lowerBound.milliseconds, span.upperBound.milliseconds)
        lost = Int64(gone.reduce(0) { $0 + $1.count })
        count = count &- lost
        payload = encoder.finish()
        isEmpty = batches.isEmpty
        return gone
    }
}

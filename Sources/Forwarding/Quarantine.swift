import Historian
import Telemetry

/// What a receiver will not have, in sentences: each point's first one in full, with its time and the reason; of those that
/// follow for the same reason a count each hour, so that a point which is refused every second does not bury the events.
struct Quarantine {
    private struct Case: Hashable {
        let point: PointName
        let reason: String
    }

    private struct Row {
        var since: Monotonic
        var more = 0
        var first: Timestamp
        var last: Timestamp
    }

    static let span: Duration = .seconds(3600)
    /// Points with their reasons that are remembered; beyond it the oldest are told anew.
    private static let most = 1000

    private var rows: [Case: Row] = [:]

    /// Takes note of what is given up. Returns what there is to tell.
    mutating func hear(_ refusal: Delivery.Refusal, at now: Monotonic) -> [String] {
        var told: [String] = []
        for fault in refusal.faults {
            let sample = refusal.entry.samples[fault.place]
            let point = refusal.entry.label(of: sample).name
            let key = Case(point: point, reason: fault.reason)
            if var row = rows[key], now - row.since < Self.span {
                row.more += 1
                row.last = max(row.last, sample.time)
                row.first = row.more == 1 ? sample.time : min(row.first, sample.time)
                rows[key] = row
                continue
            }
            told += due(key)
            told.append(
                "\(point) of \(sample.time) (entry \(refusal.entry.seq)) will not be sent: \(fault.reason). The store keeps it.")
            if rows.count >= Self.most, let oldest = rows.min(by: { $0.value.since < $1.value.since })?.key {
                told += due(oldest)
            }
            rows[key] = Row(since: now, first: sample.time, last: sample.time)
        }
        return told
    }

    /// The counts whose hour is over.
    mutating func tell(at now: Monotonic) -> [String] {
        guard !rows.isEmpty else { return [] }
        return rows.filter { now - $0.value.since >= Self.span }.keys.sorted { $0.point.description < $1.point.description }
            .flatMap { due($0) }
    }

    private mutating func due(_ key: Case) -> [String] {
        guard let row = rows.removeValue(forKey: key), row.more > 0 else { return [] }
        let samples = row.more == 1 ? "1 more sample" : "\(row.more) more samples"
        return ["\(samples) of \(key.point), of \(row.first) to \(row.last), likewise: \(key.reason). The store keeps them."]
    }
}

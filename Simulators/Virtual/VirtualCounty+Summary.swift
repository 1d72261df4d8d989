import Plants

extension VirtualCounty {
    /// What was done and seen, in lines that are the same for the same seed.
    package var summary: [String] {
        var lines = ["seed        \(options.seed): \(now), \(tally.steps) steps, no violation"]
        lines.append("gateway     \(tally.requests) requests, \(tally.samples) samples, \(tally.messages) messages, \(tally.events) events")
        let office = "\(tally.commands) commands, \(tally.replies) answers"
        lines.append("            \(tally.crashes) crashes, \(tally.stops) orderly stops, \(office)")
        lines.append("writes      \(tally.writesSent) sent, \(tally.writes) reached a plant")
        if field.hasStation {
            let fresh = PumpStation(seed: 0).pumps
            let starts = zip(station.pumps, fresh).map { "\($0.starts - $1.starts)" }
            lines.append("pumps       \(starts.joined(separator: " and ")) starts, \(Int(station.well.spilled.rounded())) m3 spilled")
        }
        for (kind, count) in tally.faults.sorted(by: { $0.key < $1.key }) { lines.append("fault       \(count) × \(kind)") }
        let digits = String(chronicle.fingerprint, radix: 16)
        let zeros = String(repeating: "0", count: 16 - digits.count)
        lines.append("fingerprint \(zeros)\(digits) of \(chronicle.count) lines")
        return lines
    }
}

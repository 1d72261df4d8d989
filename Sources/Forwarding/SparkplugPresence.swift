import Telemetry

/// Tells from what a device's points read whether the device is there. It is gone once all of its points that were ever read
/// fail for want of an answer, and back with the first that does not: one register that is always refused kills nobody.
struct SparkplugPresence {
    enum Change: Equatable { case lost, back }

    private struct Device {
        var answering: Set<String> = []
        var isLost = false
        var latest = Int64.min
    }

    private var devices: [String: Device] = [:]

    /// - Parameter seq: the journal's number of the entry; one that is older than the last heard says nothing of the present.
    mutating func hear(_ readings: [(point: String, reading: Reading)], of name: String, seq: Int64) -> Change? {
        var device = devices[name] ?? Device()
        guard seq > device.latest, !readings.isEmpty else { return nil }
        device.latest = seq
        for (point, reading) in readings {
            if reading.cause == .commFailure { device.answering.remove(point) } else { device.answering.insert(point) }
        }
        let wasLost = device.isLost
        device.isLost = device.answering.isEmpty
        devices[name] = device
        return device.isLost == wasLost ? nil : device.isLost ? .lost : .back
    }
}

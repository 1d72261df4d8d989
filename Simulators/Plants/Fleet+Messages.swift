/// What trackers and bin sensors send.
extension Fleet {
    package struct Message: Hashable, Sendable {
        package let topic: String
        package let payload: [UInt8]
        /// How long after it was made it is sent.
        package let delayMilliseconds: Int
    }

    package static let site = "fleet"
    private static let trackerPoints = ["latitude", "longitude", "speed", "heading", "ignition", "load"]
    private static let binPoints = ["fill", "temperature", "battery"]

    /// A tracker's message. nil: it is dead, or there is no such vehicle.
    ///
    /// - Parameter milliseconds: the time by the tracker's own clock, before that clock's fault: ms since 1970, UTC.
    package func position(ofVehicle index: Int, at milliseconds: Int64) -> Message? {
        guard vehicles.indices.contains(index) else { return nil }
        let name = vehicles[index].name
        return message("fleet/\(name)/position", from: name, at: milliseconds) { time in
            let ignition = (said("ignition", on: name) ?? 0) != 0
            return "{\"time\":\(time),\"position\":{\"lat\":\(text("latitude", name, 6)),\"lon\":\(text("longitude", name, 6))}"
                + ",\"speed\":\(text("speed", name, 1)),\"heading\":\(text("heading", name, 0))"
                + ",\"acc\":\(ignition),\"load\":\(text("load", name, 1))}"
        }
    }

    /// A bin sensor's message. nil: it is dead, or there is no such bin.
    package func state(ofBin index: Int, at milliseconds: Int64) -> Message? {
        guard bins.indices.contains(index) else { return nil }
        let name = bins[index].name
        return message("fleet/\(name)/state", from: name, at: milliseconds) { time in
            "{\"time\":\(time),\"fill\":\(text("fill", name, 1)),\"temperature\":\(text("temperature", name, 1))"
                + ",\"battery\":\(text("battery", name, 2))}"
        }
    }

    package func measured(_ point: String, on device: String) -> Double? {
        if let vehicle = vehicles.first(where: { $0.name == device }) {
            let place = vehicle.place(on: map.roads)
            let fix = vehicle.ignition ? place.moved(east: vehicle.drift.east, north: vehicle.drift.north) : place
            return switch point {
            case "latitude": fix.latitude
            case "longitude": fix.longitude
            case "speed": vehicle.speed * 3.6
            case "heading": vehicle.heading
            case "ignition": vehicle.ignition ? 1 : 0
            case "load": vehicle.load
            default: nil
            }
        }
        guard let bin = bins.first(where: { $0.name == device }) else { return nil }
        return switch point {
        case "fill": bin.fill
        case "temperature": temperature(of: bin)
        case "battery": bin.battery
        default: nil
        }
    }

    package func said(_ point: String, on device: String) -> Double? {
        interference.instead(of: point, on: device) ?? measured(point, on: device)
    }

    /// Holds what a device says of a point at a value, until nil lets it go. False: nobody here has that point.
    package mutating func set(_ point: String, on device: String, to value: Double?) -> Bool {
        guard points(of: device).contains(point) else { return false }
        if let value {
            interference.hold(point, of: device, at: value)
        } else {
            interference.release(point, of: device)
        }
        return true
    }

    /// False: nobody here has that name, or it has no such point.
    package mutating func fail(_ device: String, _ fault: Fault?) -> Bool {
        let points = points(of: device)
        if points.isEmpty { return false }
        if case .frozen(let point) = fault, point != "*", !points.contains(point) { return false }
        var said: [String: Double] = [:]
        for point in points { said[point] = self.said(point, on: device) }
        interference.fail(device, fault, said: said)
        return true
    }

    private func points(of device: String) -> [String] {
        if vehicles.contains(where: { $0.name == device }) { return Self.trackerPoints }
        return bins.contains { $0.name == device } ? Self.binPoints : []
    }

    /// A measured value goes out as finely as the device resolves it, one held by hand exactly as it was given.
    private func text(_ point: String, _ device: String, _ places: Int) -> String {
        if let held = interference.instead(of: point, on: device) { return "\(held)" }
        return decimal(measured(point, on: device) ?? 0, places: places)
    }

    private func message(
        _ topic: String, from device: String, at milliseconds: Int64, _ json: (Int64) -> String
    ) -> Message? {
        var (time, delay) = (milliseconds, 0)
        switch interference.fault(of: device) {
        case .dead: return nil
        case .garbage:
            // Half a message, and bytes that are no text.
            let half = Array(json(time).utf8)
            return Message(topic: topic, payload: half.prefix(half.count / 2) + [0xFF, 0x00, 0xC3], delayMilliseconds: 0)
        case .slow(let span): delay = span
        case .clockOff(let seconds): time += Int64(seconds * 1000)
        case .frozen, nil: break
        }
        return Message(topic: topic, payload: Array(json(time).utf8), delayMilliseconds: delay)
    }
}

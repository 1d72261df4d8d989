package import Profiles
package import Telemetry

/// A device that speaks by itself: its messages on one topic.
package struct FedDevice: Sendable {
    package let id: DeviceID
    package let name: String
    package let topic: String
    package let profile: Profile
    /// The directory's names for the profile's points, in its order.
    package let points: [PointID]

    package init(id: DeviceID, name: String, topic: String, profile: Profile, points: [PointID]) {
        self.id = id
        self.name = name
        self.topic = topic
        self.profile = profile
        self.points = points
    }
}

/// Messages become batches. Pure: the clock is a parameter.
package struct Ingest: Sendable {
    /// How far a device's clock may run ahead of ours and still be believed.
    static let future = Duration.seconds(300)
    /// No device of the county sent anything before 2020-01-01T00:00:00Z; an older clock was never set.
    static let earliest = Timestamp(milliseconds: 1_577_836_800_000)

    private let devices: [String: [FedDevice]]
    /// Devices whose last message was no JSON, so that the log hears of the edge, not of every message.
    private var isGarbled: Set<DeviceID> = []

    package init(_ devices: [FedDevice]) { self.devices = Dictionary(grouping: devices, by: \.topic) }

    package var topics: [String] { devices.keys.sorted() }

    /// - Parameter isRetained: the broker kept the message for us; without a time of its own nobody knows how old it is.
    package mutating func hear(topic: String, payload: [UInt8], isRetained: Bool, at now: Moment) -> (batches: [Batch], events: [Event]) {
        var batches: [Batch] = []
        var events: [Event] = []
        for device in devices[topic] ?? [] {
            let json: JSON
            do {
                json = try JSON.parse(payload)
                isGarbled.remove(device.id)
            } catch {
                batches.append(batch(of: device, .bad(.commFailure), at: now))
                if isGarbled.insert(device.id).inserted {
                    let text = "\(device.name) sends on topic \(topic) what is not JSON (\(error)); its points are bad until it does"
                    events.append(Event(time: now.wall, kind: .link, subject: device.name, origin: "acquisition", text: text))
                }
                continue
            }
            batches.append(batch(of: device, json, isRetained: isRetained, at: now))
        }
        return (batches, events)
    }

    private func batch(of device: FedDevice, _ reading: Reading, at now: Moment) -> Batch {
        Batch(
            device: device.id, received: now,
            samples: device.points.map { Sample(point: $0, time: now.wall, reading: reading) })
    }

    private func batch(of device: FedDevice, _ json: JSON, isRetained: Bool, at now: Moment) -> Batch {
        let claimed = device.profile.sourceTime(in: json)
        var doubt: Cause?
        let time: Timestamp
        if let claimed, Self.isSane(claimed, at: now) {
            time = claimed
        } else {
            time = now.wall
            if device.profile.time != nil { doubt = .clockUntrusted }
            if isRetained { doubt = .stale }
        }
        let samples = zip(device.points, device.profile.points).map { id, point in
            let found = reading(of: point.path.flatMap { $0.value(in: json) }, for: point)
            if let doubt, case .good(let value) = found {
                return Sample(point: id, time: time, reading: .uncertain(value, doubt))
            }
            return Sample(point: id, time: time, reading: found)
        }
        return Batch(device: device.id, received: now, samples: samples)
    }

    /// A source time is believed between 2020 and five minutes from now. If our own clock is the doubtful one, the
    /// device's may be the better.
    private static func isSane(_ time: Timestamp, at now: Moment) -> Bool {
        time >= earliest && (!now.isTrusted || time <= now.wall.advanced(by: future))
    }
}

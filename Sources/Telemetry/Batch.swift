/// A point's reading and the time it was true, by the most trustworthy clock at hand (see `Batch`).
package struct Sample: Hashable, Sendable {
    package let point: PointID
    /// Source time: the device's own where it has a sane one, else when the answer arrived. Never restamped.
    package let time: Timestamp
    package let reading: Reading

    package init(point: PointID, time: Timestamp, reading: Reading) {
        self.point = point
        self.time = time
        self.reading = reading
    }
}

/// The samples of one device scan or one message: the unit that moves.
package struct Batch: Sendable {
    package let device: DeviceID
    package let received: Moment
    package let samples: [Sample]

    package init(device: DeviceID, received: Moment, samples: [Sample]) {
        self.device = device
        self.received = received
        self.samples = samples
    }
}

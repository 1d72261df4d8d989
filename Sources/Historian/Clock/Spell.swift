import Telemetry

/// What the wall clock shows beyond the monotonic one: the same for everything between two steps of the wall clock.
struct ClockBase: Hashable, Sendable {
    /// The wall clock's time, in ms since 1970, when the monotonic one stood at zero.
    let milliseconds: Int64
    /// The monotonic clock counts from there (Linux's `boot_id`).
    let boot: String

    init(milliseconds: Int64, boot: String) {
        self.milliseconds = milliseconds
        self.boot = boot
    }

    init(_ moment: Moment, boot: String) {
        self.init(milliseconds: moment.wall.milliseconds &- moment.monotonic.nanoseconds / 1_000_000, boot: boot)
    }

    /// Whether there was no step between the two, but only what a clock wanders.
    func isSame(as other: ClockBase) -> Bool {
        boot == other.boot && (milliseconds &- other.milliseconds).magnitude <= 500
    }
}

/// Entries received one after the other while the wall clock could not be trusted: their times are all wrong by the same span.
struct Spell: Hashable, Sendable {
    let first: Int64
    var last: Int64
    let base: ClockBase
    /// When the last of them was received, by the wrong clock.
    var until: Timestamp

    /// How far their times are to be moved once the true base is known. Between two boots the monotonic clock says nothing: they
    /// were received before the later one at the latest, and that is where their end is put.
    func shift(to truth: ClockBase) -> (milliseconds: Int64, isExact: Bool) {
        let isExact = base.boot == truth.boot
        return (truth.milliseconds &- (isExact ? base.milliseconds : until.milliseconds), isExact)
    }
}

extension Batch {
    /// A time this near to the reception was taken from the gateway's own clock, and is wrong with it; any other is the device's.
    private static let ownTime: Int64 = 3_600_000

    /// The batch with its times moved; a shift that is a guess leaves the samples in doubt.
    func moved(by milliseconds: Int64, isExact: Bool) -> Batch {
        let wrong = received.wall.milliseconds
        let wall = Timestamp(milliseconds: wrong &+ milliseconds)
        let samples = samples.map { sample in
            guard (sample.time.milliseconds &- wrong).magnitude <= Self.ownTime else { return sample }
            var reading = sample.reading
            if !isExact, case .good(let value) = reading { reading = .uncertain(value, .clockUntrusted) }
            return Sample(point: sample.point, time: Timestamp(milliseconds: sample.time.milliseconds &+ milliseconds), reading: reading)
        }
        return Batch(device: device, received: Moment(monotonic: received.monotonic, wall: wall), samples: samples)
    }
}

package import Modbus
package import Profiles
package import Telemetry

/// A register or bit to be read, as a point of the directory.
package struct PolledPoint: Sendable {
    package let id: PointID
    package let source: RegisterSource
    package let every: Duration
    package let range: ClosedRange<Double>?
    package let limits: WriteLimits

    package init(
        id: PointID, source: RegisterSource, every: Duration, range: ClosedRange<Double>?, limits: WriteLimits = WriteLimits()
    ) {
        self.id = id
        self.source = source
        self.every = every
        self.range = range
        self.limits = limits
    }
}

/// A device behind a unit id of a link.
package struct PolledDevice: Sendable {
    package let id: DeviceID
    /// `site/device`, for messages.
    package let name: String
    package let unit: UnitID
    /// How many requests the device takes before it has answered the first.
    package let requestsInFlight: Int
    /// The most registers it gives in one read.
    package let maximumRegisters: Int
    /// The most bits it gives in one read.
    package let maximumBits: Int
    /// Addresses that are never read, not even on the way from one wanted address to the next.
    package let forbidden: [Table: [ClosedRange<Int>]]
    /// From an answer, or the lack of one, to the next request.
    package let pause: Duration
    /// How long it may take to answer, where the link's own time does not suit it.
    package let timeout: Duration?
    package let points: [PolledPoint]

    package init(
        id: DeviceID, name: String, unit: UnitID, requestsInFlight: Int = 1, maximumRegisters: Int = 125, maximumBits: Int = 2000,
        forbidden: [Table: [ClosedRange<Int>]] = [:], pause: Duration = .zero, timeout: Duration? = nil, points: [PolledPoint]
    ) {
        self.id = id
        self.name = name
        self.unit = unit
        self.requestsInFlight = requestsInFlight
        self.maximumRegisters = maximumRegisters
        self.maximumBits = maximumBits
        self.forbidden = forbidden
        self.pause = pause
        self.timeout = timeout
        self.points = points
    }

    /// Points by their scan class, the fastest first.
    var classes: [(period: Duration, members: [Int])] {
        Dictionary(grouping: points.indices) { points[$0].every }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

/// One way to the field and all that is behind it.
package struct LinkPlan: Sendable {
    package enum Medium: Sendable {
        case tcp(host: String, port: Int)
        /// RTU frames over a connection: to a converter, or from a DTU that dials in.
        case rtuOverTCP(host: String, port: Int)
        case rtuListen(host: String, port: Int, caller: LinkAddress.Caller)
        case serial(path: String, baud: Int, parity: Character, stopBits: Int)
    }

    package let name: String
    package let medium: Medium
    /// How long a device may take to answer.
    package let timeout: Duration
    /// The part of the link's time that may go to units which do not answer, where others wait meanwhile.
    package let deadShare: Double
    package let devices: [PolledDevice]

    package init(name: String, medium: Medium, timeout: Duration, deadShare: Double = 0.1, devices: [PolledDevice]) {
        self.name = name
        self.medium = medium
        self.timeout = timeout
        self.deadShare = deadShare
        self.devices = devices
    }

    /// A line carries one request at a time, whoever it is for. So does RTU over a connection: there is a line behind it.
    var isLine: Bool {
        switch medium {
        case .tcp: false
        case .serial, .rtuOverTCP, .rtuListen: true
        }
    }

    /// Of a line, where converters and DTUs keep to the usual 9600; nil for what is no line.
    var baud: Int? {
        switch medium {
        case .tcp: nil
        case .rtuOverTCP, .rtuListen: 9600
        case .serial(_, let baud, _, _): max(baud, 1)
        }
    }

    /// A line answers one request at a time. A connection takes as many as its device, and where several units are behind
    /// it each has its own share, so that one slow unit stops no other.
    var requestsInFlight: Int {
        if isLine { return 1 }
        if Set(devices.map(\.unit)).count > 1 { return .max }
        return max(devices.map(\.requestsInFlight).max() ?? 1, 1)
    }

    /// Unwanted registers worth reading rather than asking twice. A request costs a wake-up over TCP, whatever its size;
    /// on a line it costs 13 characters and two silences, against two characters for a register.
    var worthwhileGap: Int {
        guard let baud else { return 2000 }
        let line = LineTime(baud: baud)
        return Int(line.transaction(bytes: 0) / (2 * line.character))
    }

    /// What a read of this device may ask for. Devices that share a unit id share what is forbidden.
    func limits(of device: PolledDevice) -> ReadLimits {
        var forbidden: [Table: [ClosedRange<Int>]] = [:]
        for other in devices where other.unit == device.unit {
            forbidden.merge(other.forbidden) { $0 + $1 }
        }
        return ReadLimits(
            registers: device.maximumRegisters, bits: device.maximumBits, gap: worthwhileGap, forbidden: forbidden)
    }
}

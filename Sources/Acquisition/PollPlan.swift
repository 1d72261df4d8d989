package import Modbus
package import Profiles
package import Telemetry

/// A register or bit to be read, as a point of the directory.
package struct PolledPoint: Sendable {
    package let id: PointID
    package let source: RegisterSource
    package let every: Duration
    package let range: ClosedRange<Double>?

    package init(id: PointID, source: RegisterSource, every: Duration, range: ClosedRange<Double>?) {
        self.id = id
        self.source = source
        self.every = every
        self.range = range
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
    package let points: [PolledPoint]

    package init(
        id: DeviceID, name: String, unit: UnitID, requestsInFlight: Int = 1, maximumRegisters: Int = 125, points: [PolledPoint]
    ) {
        self.id = id
        self.name = name
        self.unit = unit
        self.requestsInFlight = requestsInFlight
        self.maximumRegisters = maximumRegisters
        self.points = points
    }
}

/// One way to the field and all that is behind it.
package struct LinkPlan: Sendable {
    package enum Medium: Sendable {
        case tcp(host: String, port: Int)
        case serial(path: String, baud: Int, parity: Character, stopBits: Int)
    }

    package let name: String
    package let medium: Medium
    /// How long a device may take to answer.
    package let timeout: Duration
    package let devices: [PolledDevice]

    package init(name: String, medium: Medium, timeout: Duration, devices: [PolledDevice]) {
        self.name = name
        self.medium = medium
        self.timeout = timeout
        self.devices = devices
    }

    /// A line answers one request at a time; a connection as many as its most able device.
    var requestsInFlight: Int {
        if case .serial = medium { return 1 }
        return devices.map(\.requestsInFlight).max() ?? 1
    }

    /// Unwanted registers worth reading rather than asking twice. A request costs a wake-up over TCP, whatever its size;
    /// on a line it costs 13 characters and two silences, against two characters for a register.
    var worthwhileGap: Int {
        guard case .serial(_, let baud, _, _) = medium else { return 2000 }
        let character = 11 / Double(max(baud, 1))
        let silence = baud > 19_200 ? 0.00175 : 3.5 * character
        return Int((13 * character + 2 * silence) / (2 * character))
    }
}

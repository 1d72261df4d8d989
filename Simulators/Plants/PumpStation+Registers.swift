import Modbus

/// The station's four units, each served by the one Modbus TCP server in the panel.
extension PumpStation: ModbusPlant {
    package static let site = "xinzhuang-pump"

    package static let outstations = [
        Outstation(
            1, "well",
            [
                .number("level", .input, 0, .int16, scale: 0.001),
                .number("outflow", .input, 10, .float32, .cdab),
                .number("rain-rate", .input, 12, .uint16, scale: 0.1),
                .bit("high-float", .discrete, 0),
                .bit("low-float", .discrete, 1),
            ]),
        Outstation(11, "pump-1", pumpCells),
        Outstation(12, "pump-2", pumpCells),
        Outstation(
            21, "meter",
            [
                .number("voltage-a", .holding, 0, .float32, .badc),
                .number("voltage-b", .holding, 2, .float32, .badc),
                .number("voltage-c", .holding, 4, .float32, .badc),
                .number("power", .holding, 6, .float32, .badc),
                .number("energy", .holding, 8, .uint64, .badc, scale: 0.001),
                .number("frequency", .holding, 12, .uint16, scale: 0.01),
            ]),
    ]

    private static let pumpCells: [Cell] = [
        .bit("run", .coil, 0),
        .bit("running", .discrete, 0),
        .bit("fault", .discrete, 1),
        .number("selector", .input, 0, .uint16),
        .number("current", .input, 1, .int16, scale: 0.1),
        .number("run-hours", .input, 2, .uint32, scale: 0.1),
        .number("starts", .input, 4, .uint32),
    ]

    package func measured(_ point: String, on device: String) -> Double? {
        switch device {
        case "well": measuredWell(point)
        case "pump-1": measured(point, of: pumps[0])
        case "pump-2": measured(point, of: pumps[1])
        case "meter": measuredSupply(point)
        default: nil
        }
    }

    package mutating func written(_ value: Double, to point: String, on device: String) {
        guard point == "run", let index = Self.pump(device) else { return }
        pumps[index].isCommanded = value != 0
    }

    /// The selector is a switch on the panel's door; a fault is a trip of the motor protection, and letting go resets it.
    package mutating func turned(_ point: String, on device: String, to value: Double?) -> Bool {
        guard let index = Self.pump(device) else { return false }
        switch point {
        case "selector":
            // A position the switch does not have can only be a wrong reading of it.
            guard let position = Int(exactly: value ?? 2), let selector = Pump.Selector(rawValue: position) else {
                return false
            }
            pumps[index].selector = selector
        case "fault": pumps[index].isTripped = (value ?? 0) != 0
        case "run": pumps[index].isCommanded = (value ?? 0) != 0
        default: return false
        }
        return true
    }

    private static func pump(_ device: String) -> Int? {
        switch device {
        case "pump-1": 0
        case "pump-2": 1
        default: nil
        }
    }

    private func measuredWell(_ point: String) -> Double? {
        switch point {
        case "level": measuredLevel
        case "outflow": measuredOutflow
        case "rain-rate": weather.rainRate
        case "high-float": well.highFloat ? 1 : 0
        case "low-float": well.lowFloat ? 1 : 0
        default: nil
        }
    }

    private func measured(_ point: String, of pump: Pump) -> Double? {
        switch point {
        case "run": pump.isCommanded ? 1 : 0
        case "running": pump.isRunning ? 1 : 0
        case "fault": pump.isTripped ? 1 : 0
        case "selector": Double(pump.selector.rawValue)
        case "current": pump.current
        case "run-hours": pump.runHours
        case "starts": Double(pump.starts)
        default: nil
        }
    }

    private func measuredSupply(_ point: String) -> Double? {
        switch point {
        case "voltage-a": supply.voltages[0]
        case "voltage-b": supply.voltages[1]
        case "voltage-c": supply.voltages[2]
        case "power": supply.power
        case "energy": supply.energy
        case "frequency": supply.frequency
        default: nil
        }
    }
}

import Modbus

/// The farm's six units on one RS-485 bus.
extension LilyFarm: ModbusPlant {
    package static let site = "baihe-farm"

    package static let outstations =
        (1...4).map { number in
            Outstation(
                number, "zone-\(number)",
                [
                    .number("moisture-15", .holding, 0, .int16, scale: 0.1),
                    .number("moisture-40", .holding, 1, .int16, scale: 0.1),
                    .number("temperature", .holding, 2, .int16, scale: 0.1),
                    .bit("valve", .coil, 0),
                    .bit("valve-open", .discrete, 0),
                ])
        } + [
            Outstation(
                10, "main",
                [
                    .number("flow", .input, 0, .float32, .cdab),
                    .number("pressure", .input, 2, .uint16),
                    .number("volume", .input, 4, .uint32, .dcba, scale: 0.01),
                ]),
            Outstation(
                20, "weather",
                [
                    .number("air-temperature", .input, 0, .int16, scale: 0.1),
                    .number("humidity", .input, 1, .uint16, scale: 0.1),
                    .number("wind-speed", .input, 2, .uint16, scale: 0.1),
                    .number("radiation", .input, 3, .uint16),
                    .number("rain-total", .input, 4, .uint32, .cdab, scale: 0.1),
                    .number("rain-rate", .input, 6, .uint16, scale: 0.1),
                ]),
        ]

    package func measured(_ point: String, on device: String) -> Double? {
        switch device {
        case "main": measuredMain(point)
        case "weather": measuredWeather(point)
        default: Self.zone(device).flatMap { measured(point, ofZone: $0) }
        }
    }

    package mutating func written(_ value: Double, to point: String, on device: String) {
        guard point == "valve", let index = Self.zone(device) else { return }
        valves[index].isCommanded = value != 0
    }

    package mutating func turned(_ point: String, on device: String, to value: Double?) -> Bool {
        guard point == "valve", let index = Self.zone(device) else { return false }
        valves[index].isCommanded = (value ?? 0) != 0
        return true
    }

    private static func zone(_ device: String) -> Int? {
        (0..<4).first { device == "zone-\($0 + 1)" }
    }

    private func measured(_ point: String, ofZone index: Int) -> Double? {
        switch point {
        case "moisture-15": probes[index].shallow
        case "moisture-40": probes[index].deep
        case "temperature": zones[index].temperature
        case "valve": valves[index].isCommanded ? 1 : 0
        case "valve-open": valves[index].isOpen ? 1 : 0
        default: nil
        }
    }

    private func measuredMain(_ point: String) -> Double? {
        switch point {
        case "flow": flow
        case "pressure": pressure
        case "volume": volume
        default: nil
        }
    }

    private func measuredWeather(_ point: String) -> Double? {
        switch point {
        case "air-temperature": weather.airTemperature
        case "humidity": weather.humidity
        case "wind-speed": weather.windSpeed
        case "radiation": weather.radiation
        case "rain-total": weather.rainTotal
        case "rain-rate": weather.rainRate
        default: nil
        }
    }
}

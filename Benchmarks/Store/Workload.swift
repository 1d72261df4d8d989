import Telemetry

/// A county's signals, drawn the same each time: a hundred points to a device, a sample of each a second.
enum Workload: String, CaseIterable {
    /// Levels and flows of slow change, with a sensor's noise, in thousandths as registers have them.
    case levels
    /// Pumps, valves and floats: a change every quarter of an hour or so.
    case states
    /// Vehicles: latitude, longitude, speed and heading, as trackers print them.
    case tracks

    static let pointsOfDevice = 100
    static let start = Timestamp(milliseconds: 1_782_000_000_000)

    func directory(points: Int) -> Directory {
        let count = max(1, points / Self.pointsOfDevice)
        let devices = (0..<count).map { (site: "bench", name: "d\($0)") }
        let type: ValueType = self == .states ? .bool : .double
        let all = devices.indices.flatMap { device in
            (0..<Self.pointsOfDevice).compactMap { index in
                PointName(site: "bench", device: "d\(device)", point: "p\(index)").map {
                    Point(name: $0, device: DeviceID(index: device), type: type, unit: "", maximumAge: .seconds(3))
                }
            }
        }
        return Directory(points: all, devices: devices)
    }
}

/// The signals of all points, second by second.
struct Signals {
    private let workload: Workload
    private var state: [Double]
    private var bits: UInt64 = 0x9E37_79B9_7F4A_7C15
    private let devices: Int

    init(_ workload: Workload, points: Int) {
        self.workload = workload
        devices = max(1, points / Workload.pointsOfDevice)
        state = (0..<devices * Workload.pointsOfDevice).map { Double($0 % 977) / 100 }
    }

    /// xorshift64*.
    private mutating func next() -> Double {
        bits ^= bits >> 12
        bits ^= bits << 25
        bits ^= bits >> 27
        return Double((bits &* 0x2545_F491_4F6C_DD1D) >> 11) * 0x1p-53
    }

    private mutating func value(_ index: Int) -> Value {
        switch workload {
        case .levels:
            state[index] += (next() - 0.5) * 0.004
            return .double(Double(Int((state[index] + (next() - 0.5) * 0.003) * 1000)) * 0.001)
        case .states:
            if next() < 1.0 / 900 { state[index] = state[index] > 0 ? 0 : 1 }
            return .bool(state[index] > 0)
        case .tracks:
            switch index % 4 {
            case 0, 1:
                state[index] += next() * 0.00012
                return .double(Double(Int((31 + state[index]) * 1_000_000)) / 1_000_000)
            case 2: return .double(Double(Int(20 + next() * 300)) / 10)
            default: return .double(Double(Int(next() * 360)))
            }
        }
    }

    /// One second of everything, a batch for each device.
    mutating func second(_ second: Int) -> [Batch] {
        let wall = Workload.start.advanced(by: .seconds(second))
        let moment = Moment(monotonic: .zero + .seconds(second), wall: wall)
        return (0..<devices).map { device in
            let first = device * Workload.pointsOfDevice
            let samples = (first..<first + Workload.pointsOfDevice).map { index in
                Sample(point: PointID(index: index), time: wall, reading: .good(value(index)))
            }
            return Batch(device: DeviceID(index: device), received: moment, samples: samples)
        }
    }
}

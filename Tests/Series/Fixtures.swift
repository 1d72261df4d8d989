import Telemetry
import Testing

@testable import Series

typealias TimedReading = (time: Timestamp, reading: Reading)

/// 2026-06-21T00:00:00Z.
let midnight: Int64 = 1_782_000_000_000

func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

/// One sample a second, all good.
func everySecond(_ values: some Sequence<Value>, jitter: ClosedRange<Int64> = 0...0, seed: UInt64 = 1) -> Columns {
    var random = SeededRandom(seed: seed)
    return Columns(
        values.enumerated().map { index, value in
            (time: at(midnight + Int64(index) * 1000 + .random(in: jitter, using: &random)), reading: .good(value))
        })
}

/// The three workloads that the store is judged by.
enum Workload {
    /// Of zero mean and unit variance: the sum of twelve even ones.
    static func noise(_ random: inout SeededRandom) -> Double {
        (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
    }

    /// A basin's level in metres: a slow wander, two millimetres of noise, read to the millimetre.
    static func level(_ count: Int, seed: UInt64, read: (Double) -> Double = { ($0 * 1000).rounded() / 1000 }) -> [Value] {
        var random = SeededRandom(seed: seed)
        var (level, drift) = (2.4, 0.0)
        return (0..<count).map { _ in
            drift = 0.999 * drift + 0.000_02 * noise(&random)
            level += drift
            return .double(read(level + 0.002 * noise(&random)))
        }
    }

    /// A flow in m³/h: a register of tenths.
    static func flow(_ count: Int, seed: UInt64) -> [Value] {
        var random = SeededRandom(seed: seed)
        var flow = 120.0
        return (0..<count).map { _ in
            flow += 0.02 * (120 - flow) + 0.5 * noise(&random)
            return .double(((flow + 0.8 * noise(&random)) * 10).rounded() * 0.1)
        }
    }

    /// A pump that runs and rests for one to thirty minutes.
    static func onOff(_ count: Int, seed: UInt64) -> [Value] {
        var random = SeededRandom(seed: seed)
        var (isOn, left) = (false, 0)
        return (0..<count).map { _ in
            if left == 0 { (isOn, left) = (!isOn, Int.random(in: 60...1800, using: &random)) }
            left -= 1
            return .bool(isOn)
        }
    }

    /// The latitude of a truck, in degrees to `1 / grid`, every ten seconds: 0…15 m/s, bends, stops, and metres of noise.
    static func latitude(_ count: Int, grid: Double, seed: UInt64) -> Columns {
        var random = SeededRandom(seed: seed)
        var (latitude, speed, heading, stop) = (25.03, 8.0, 1.0, 0)
        var shown = latitude
        var columns = Columns()
        for index in 0..<count {
            if stop == 0, Double.random(in: 0..<1, using: &random) < 0.02 { stop = Int.random(in: 3...60, using: &random) }
            stop = max(stop - 1, 0)
            speed = stop > 0 ? 0 : min(15, max(0, speed + 2 * noise(&random)))
            heading += 0.3 * noise(&random)
            latitude += speed * 10 * (1 - heading * heading / 2 + heading * heading * heading * heading / 24).clamped / 111_320
            if speed > 0 { shown = latitude + 1.5 * noise(&random) / 111_320 }
            columns.append(at(midnight + Int64(index) * 10_000), .good(.double((shown * grid).rounded() / grid)))
        }
        return columns
    }
}

extension Double {
    fileprivate var clamped: Double { Swift.min(1, Swift.max(-1, self)) }
}

/// What every bit of a value is; `==` takes 0 for -0, and canonically equal texts for each other.
func bits(_ value: Value?) -> [UInt64] {
    switch value {
    case nil: []
    case .bool(let value): [1, value ? 1 : 0]
    case .int(let value): [2, UInt64(bitPattern: value)]
    case .uint(let value): [3, value]
    case .double(let value): [4, value.bitPattern]
    case .string(let value): [5] + value.utf8.map(UInt64.init)
    }
}

struct Exact: Hashable {
    let time: Timestamp
    let quality: Quality
    let cause: Cause?
    let value: [UInt64]

    init(_ time: Timestamp, _ reading: Reading) {
        (self.time, quality, cause, value) = (time, reading.quality, reading.cause, bits(reading.value))
    }
}

func exact(_ columns: Columns) -> [Exact] {
    var all: [Exact] = []
    columns.forEach { all.append(Exact($0, $1)) }
    return all
}

/// Encodes, decodes, and expects every bit back. Returns the bytes.
@discardableResult
func expectRoundTrip(_ columns: Columns, location: SourceLocation = #_sourceLocation) throws -> [UInt8] {
    let bytes = Chunk.encode(columns)
    let back = try Chunk.decode(bytes)
    #expect(back.times == columns.times, sourceLocation: location)
    #expect(exact(back) == exact(columns), sourceLocation: location)
    return bytes
}

func sealed(_ content: some Sequence<UInt8>) -> [UInt8] {
    var bytes = Array(content)
    Checksum.seal(&bytes)
    return bytes
}

extension RandomNumberGenerator {
    mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: choices.indices, using: &self)] }
}

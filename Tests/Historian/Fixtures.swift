import FoundationEssentials
import Logging
import Synchronization
import Telemetry
import TestSupport

@testable import Historian

/// A small random number generator, so that a failing seed can be run again.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A folder of the test's own, removed at its end.
func withFolder<Answer>(_ body: (String) async throws -> Answer) async throws -> Answer {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("historian-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

/// Points of one pump and one tracker: `station/pump/p0…`, `fleet/truck/p0…`.
func directory(points count: Int = 4, unit: String = "m", without removed: Set<String> = []) -> Directory {
    let devices = [(site: "station", name: "pump"), (site: "fleet", name: "truck")]
    let points = devices.indices.flatMap { device in
        (0..<count).compactMap { index in
            PointName(site: devices[device].site, device: devices[device].name, point: "p\(index)").map { name in
                Point(
                    name: name, device: DeviceID(index: device), type: .double, unit: unit, maximumAge: .seconds(3))
            }
        }
    }
    return Directory(points: points.filter { !removed.contains($0.name.description) }, devices: devices)
}

func journal(
    in folder: String, directory: Directory = directory(), time: any TimeSource = ManualTime(),
    options: Journal.Options = Journal.Options(patience: .milliseconds(20)),
    noticed: @escaping @Sendable (Event) -> Void = { _ in }
) throws -> Journal {
    var logger = Logger(label: "historian")
    logger.logLevel = .critical
    return try Journal(
        folder: folder, directory: directory, time: time, options: options, logger: logger, noticed: noticed)
}

let noon = Timestamp(milliseconds: 1_782_043_200_000)

/// A batch of the first device: one good number for each of its first points.
func batch(_ values: [Double], at time: Timestamp = noon, device: Int = 0, firstPoint: Int = 0) -> Batch {
    Batch(
        device: DeviceID(index: device), received: Moment(monotonic: .zero, wall: time),
        samples: values.enumerated().map { index, value in
            Sample(point: PointID(index: firstPoint + index), time: time, reading: .good(.double(value)))
        })
}

func numbers(_ entries: [Entry]) -> [[Double]] { entries.map { $0.samples.compactMap { $0.reading.value?.number } } }

func event(_ text: String) -> Event {
    Event(time: noon, kind: .decision, subject: "station/pump/p0", origin: "water/drain", text: text)
}

/// What a follower was shown.
final class Shown: Sendable {
    private let state = Mutex((entries: [Entry](), turns: 0))
    var entries: [Entry] { state.withLock { $0.entries } }
    var turns: Int { state.withLock { $0.turns } }
    func add(_ entry: Entry) { state.withLock { $0.entries.append(entry) } }
    func turn() { state.withLock { $0.turns += 1 } }
}

import Acquisition
import Profiles
import Telemetry

extension Harness {
    /// A JSON text is what its reader says, or wrong at a place within it; a path finds the same in its shortest form. A path,
    /// a line feed, and a text.
    static func json(_ bytes: [UInt8]) {
        let parts = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return }
        let text = Array(parts[1])
        let path = try? JSONPath(String(decoding: parts[0], as: UTF8.self))
        if let path {
            let again = try? JSONPath("\(path)")
            precondition(again == path, "a path changed its meaning")
        }
        do throws(JSONError) {
            let json = try JSON.parse(text)
            _ = path?.value(in: json)
            _ = Timestamp(message: json)
        } catch {
            precondition((0...text.count).contains(error.offset), "wrong at a place that is not there")
        }
    }

    private static let now = Moment(monotonic: .zero + .seconds(60), wall: Timestamp(milliseconds: 1_782_000_000_000))

    /// Of every type one, in a range or not.
    private static let device: FedDevice = {
        func point(_ name: String, _ path: String, _ type: ValueType, _ range: ClosedRange<Double>? = nil) -> ProfilePoint? {
            guard let path = try? JSONPath(path) else { return nil }
            return ProfilePoint(name: name, source: .json(path), valueType: type, every: .zero, range: range)
        }
        let points = [
            point("flag", "$.flag", .bool), point("whole", "$.whole", .int, -90...90), point("count", "$.n[0]", .uint),
            point("level", "$.n[-1]", .double, 0...6), point("name", "$['the name']", .string),
        ].compactMap { $0 }
        let profile = Profile(name: "fed", model: "fed", time: try? JSONPath("$.time"), points: points)
        return FedDevice(
            id: DeviceID(index: 0), name: "site/fed", topic: "t", profile: profile,
            points: points.indices.map { PointID(index: $0) })
    }()

    /// Any message is a batch with a reading for every point, and a good one is of the point's type and in its range.
    static func ingest(_ bytes: [UInt8]) {
        var ingest = Ingest([device])
        let (batches, _) = ingest.hear(topic: "t", payload: bytes, isRetained: bytes.count % 2 == 1, at: now)
        precondition(batches.count == 1, "a message without a batch")
        let points = device.profile.points
        for batch in batches {
            precondition(batch.samples.map(\.point.index) == Array(points.indices), "a point without a reading")
            for (sample, point) in zip(batch.samples, points) {
                guard let value = sample.reading.value else { continue }
                precondition(value.type == point.valueType, "a value of another type")
                if let range = point.range, let number = value.number {
                    precondition(range.contains(number), "out of range, and given away")
                }
            }
        }
    }
}

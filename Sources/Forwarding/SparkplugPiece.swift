import Historian
import Sparkplug
import Telemetry

/// An entry as an edge node hears it: the samples of one device.
struct SparkplugPiece {
    let device: String
    /// The journal's number of its last entry.
    private(set) var seq: Int64
    private(set) var samples: [MetricSample]

    /// Consecutive entries of one device in one piece.
    static func merged(_ pieces: [SparkplugPiece]) -> [SparkplugPiece] {
        var merged: [SparkplugPiece] = []
        for piece in pieces {
            if let last = merged.indices.last, merged[last].device == piece.device {
                merged[last].samples += piece.samples
                merged[last].seq = piece.seq
            } else {
                merged.append(piece)
            }
        }
        return merged
    }
}

/// The directory by the names of an edge node.
struct SparkplugNames {
    private struct Member {
        let site: String
        let device: String
        let types: [String: ValueType]
    }

    private let members: [String: Member]

    init(_ directory: Directory) {
        let pairs = directory.devices.map { device in
            let types = Dictionary(device.points.map { (directory[$0].name.point, directory[$0].type) }) { first, _ in first }
            let id = SparkplugSettings.device(site: device.site, device: device.name)
            return (id, Member(site: device.site, device: device.name, types: types))
        }
        members = Dictionary(pairs) { first, _ in first }
    }

    /// The point's full name.
    func point(_ metric: String, of device: String?) -> String? {
        device.flatMap { members[$0] }.map { "\($0.site)/\($0.device)/\(metric)" }
    }

    /// Births introduce what is configured now: what the journal has of points that are no more, or were of another type, no host
    /// would understand.
    func piece(of entry: Entry) throws(DestinationError) -> SparkplugPiece {
        let id = SparkplugSettings.device(site: entry.site, device: entry.device)
        guard let member = members[id], member.site == entry.site else {
            throw .refused("\(entry.site)/\(entry.device) is no device of this configuration, and so of no birth")
        }
        var samples: [MetricSample] = []
        samples.reserveCapacity(entry.samples.count)
        for sample in entry.samples {
            let name = entry.label(of: sample).name
            guard let type = member.types[name.point] else {
                throw .refused("\(name) is no point of this configuration, and so of no birth")
            }
            if let value = sample.reading.value, value.converted(to: type) == nil {
                throw .refused("\(name) was \(value.type.rawValue) and is \(type.rawValue) in this configuration's birth")
            }
            samples.append(MetricSample(metric: name.point, time: sample.time, reading: sample.reading))
        }
        return SparkplugPiece(device: id, seq: entry.seq, samples: samples)
    }
}

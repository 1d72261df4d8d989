package import Telemetry

/// One batch of the journal, whether it is on the disk already or on its way there.
package struct Entry: Sendable {
    /// Rises by the order of arrival, whatever the clocks say. Gaps are possible, repeats are not.
    package let seq: Int64
    package let site: String
    package let device: String
    /// By the gateway's wall clock, with whether it could be trusted then.
    package let received: Timestamp
    package let isTrusted: Bool
    /// Their point ids are places in `labels`, and mean nothing elsewhere.
    package let samples: [Sample]
    private let labels: Labels

    init(seq: Int64, site: String, device: String, received: Timestamp, isTrusted: Bool, samples: [Sample], labels: Labels) {
        self.seq = seq
        self.site = site
        self.device = device
        self.received = received
        self.isTrusted = isTrusted
        self.samples = samples
        self.labels = labels
    }

    /// An entry made from named samples.
    package init(
        seq: Int64, site: String, device: String, received: Timestamp, isTrusted: Bool = true, samples: [StoredSample]
    ) {
        var places: [PointLabel: Int] = [:]
        for sample in samples where places[sample.label] == nil { places[sample.label] = places.count }
        self.init(
            seq: seq, site: site, device: device, received: received, isTrusted: isTrusted,
            samples: samples.map { Sample(point: PointID(index: places[$0.label] ?? 0), time: $0.time, reading: $0.reading) },
            labels: Labels(places.sorted { $0.value < $1.value }.map(\.key)))
    }

    /// What a sample of this entry is of.
    package func label(of sample: Sample) -> PointLabel { labels[sample.point] }

    /// The samples by name.
    package var named: [StoredSample] {
        samples.map { StoredSample(label(of: $0), time: $0.time, reading: $0.reading) }
    }

    /// Some of the samples, by their places.
    package func keeping(_ places: Range<Int>) -> Entry {
        Entry(
            seq: seq, site: site, device: device, received: received, isTrusted: isTrusted, samples: Array(samples[places]),
            labels: labels)
    }
}

extension Entry: Equatable {
    package static func == (a: Entry, b: Entry) -> Bool {
        a.seq == b.seq && a.site == b.site && a.device == b.device && a.received == b.received && a.isTrusted == b.isTrusted
            && a.named == b.named
    }
}

/// The names of points by number: today's directory, or all that a file has ever known.
final class Labels: Sendable {
    private let labels: [PointLabel?]

    init(_ labels: [PointLabel?]) { self.labels = labels }

    convenience init(_ directory: Directory) {
        var words: [String: [UInt8]] = [:]
        self.init(
            directory.points.map { point in
                let word = words[point.name.point] ?? Array(point.name.point.utf8)
                words[point.name.point] = word
                return PointLabel(name: point.name, unit: point.unit, word: word)
            })
    }

    func knows(_ index: Int) -> Bool { labels.indices.contains(index) && labels[index] != nil }

    /// Whoever makes an entry has looked whether its points are known.
    subscript(point: PointID) -> PointLabel {
        guard let label = labels[point.index] else { preconditionFailure("an entry of unknown points was let through") }
        return label
    }
}

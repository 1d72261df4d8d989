package import Telemetry

/// One point's samples, side by side: times, marks, and the values of each kind without gaps. In the order they were stored,
/// which is that of source time unless a device, or its clock, says otherwise.
package struct Columns: Sendable {
    /// So many samples in a row of one quality, cause and kind.
    struct Run: Hashable {
        let mark: Mark
        var count: Int
    }

    /// Source times, in milliseconds of `Timestamp`.
    package internal(set) var times: [Int64] = []
    var runs: [Run] = []
    var bools: [Bool] = []
    var ints: [Int64] = []
    var uints: [UInt64] = []
    var doubles: [Double] = []
    var strings: [String] = []

    package init() {}

    package init(_ samples: some Sequence<(time: Timestamp, reading: Reading)>) {
        times.reserveCapacity(samples.underestimatedCount)
        for sample in samples { append(sample.time, sample.reading) }
    }

    package var count: Int { times.count }
    package var isEmpty: Bool { times.isEmpty }

    package mutating func append(_ time: Timestamp, _ reading: Reading) {
        times.append(time.milliseconds)
        let mark = Mark(reading)
        if let last = runs.indices.last, runs[last].mark == mark { runs[last].count += 1 } else { runs.append(Run(mark: mark, count: 1)) }
        switch reading {
        case .good(let value), .uncertain(let value, _): append(value)
        case .bad: break
        }
    }

    /// Forgets all samples but keeps their room: for a series that is encoded chunk after chunk.
    package mutating func removeAll() {
        times.removeAll(keepingCapacity: true)
        runs.removeAll(keepingCapacity: true)
        bools.removeAll(keepingCapacity: true)
        ints.removeAll(keepingCapacity: true)
        uints.removeAll(keepingCapacity: true)
        doubles.removeAll(keepingCapacity: true)
        strings.removeAll(keepingCapacity: true)
    }

    /// Every sample, in stored order.
    package func forEach<E: Error>(_ body: (Timestamp, Reading) throws(E) -> Void) throws(E) {
        for part in parts { try forEach(part, part.samples, body) }
    }

    /// The samples from a time up to, and without, another, in stored order.
    package func forEach<E: Error>(
        from: Timestamp, to: Timestamp, _ body: (Timestamp, Reading) throws(E) -> Void
    ) throws(E) {
        for part in parts {
            try forEach(part, part.samples) { (time, reading) throws(E) in
                if time >= from, time < to { try body(time, reading) }
            }
        }
    }

    private mutating func append(_ value: Value) {
        switch value {
        case .bool(let value): bools.append(value)
        case .int(let value): ints.append(value)
        case .uint(let value): uints.append(value)
        case .double(let value): doubles.append(value)
        case .string(let value): strings.append(value)
        }
    }

    private func forEach<E: Error>(
        _ part: Part, _ samples: Range<Int>, _ body: (Timestamp, Reading) throws(E) -> Void
    ) throws(E) {
        for index in samples {
            try body(Timestamp(milliseconds: times[index]), part.mark.reading(value(of: part.mark.kind, at: index + part.shift)))
        }
    }

    func value(of kind: Mark.Kind, at index: Int) -> Value? {
        switch kind {
        case .none: nil
        case .bool: .bool(bools[index])
        case .int: .int(ints[index])
        case .uint: .uint(uints[index])
        case .double: .double(doubles[index])
        case .string: .string(strings[index])
        }
    }
}

extension Columns {
    /// A run, and where its samples and values are.
    struct Part {
        let mark: Mark
        let samples: Range<Int>
        /// From a sample's index to that of its value in the column of its kind.
        let shift: Int

        /// Where the values are; without meaning if the mark is bad.
        var values: Range<Int> { samples.lowerBound + shift..<samples.upperBound + shift }
    }

    var parts: [Part] {
        var start = 0
        var values = [Int](repeating: 0, count: Mark.Kind.allCases.count)
        return runs.map { run in
            let kind = Int(run.mark.kind.rawValue)
            defer {
                start += run.count
                values[kind] += run.count
            }
            return Part(mark: run.mark, samples: start..<start + run.count, shift: values[kind] - start)
        }
    }

    /// How many samples are of a quality.
    func count(of quality: Quality) -> Int { runs.reduce(0) { $0 + ($1.mark.quality == quality ? $1.count : 0) } }
}

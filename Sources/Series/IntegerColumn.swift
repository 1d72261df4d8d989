/// A column of whole numbers: times, counters, decimal mantissas, run lengths, places in a dictionary.
///
/// A byte says how: packed, or runs. Packed: a varint divisor that all steps share; the first number, zigzag; then blocks (see
/// `Block`) of the others, each less the first and divided. Runs: how many; a packed column of their numbers; a packed column
/// of their lengths. Whichever is shorter is kept. All arithmetic wraps, so any 64 bits come back.
enum IntegerColumn {
    private enum Form {
        static let packed: UInt8 = 0
        static let runs: UInt8 = 1
    }

    static func encode(_ values: [Int64], into writer: inout ByteWriter) {
        guard !values.isEmpty else { return }
        var packed = ByteWriter(capacity: 64 + values.count * 2)
        packed.append(Form.packed)
        pack(values, into: &packed)
        guard let runs = runs(of: values, atMost: values.count / 3) else { return writer.append(contentsOf: packed.bytes) }
        var short = ByteWriter(capacity: 64 + runs.lengths.count * 3)
        short.append(Form.runs)
        short.append(varint: UInt64(runs.lengths.count))
        pack(runs.values, into: &short)
        pack(runs.lengths, into: &short)
        writer.append(contentsOf: short.bytes.count < packed.bytes.count ? short.bytes : packed.bytes)
    }

    static func decode(_ reader: inout ByteReader, count: Int) throws(ChunkError) -> [Int64] {
        guard count > 0 else { return [] }
        switch try reader.byte() {
        case Form.packed: return try unpack(&reader, count: count)
        case Form.runs:
            let runs = try reader.count(atMost: count, of: "runs")
            let values = try unpack(&reader, count: runs)
            return try expand(values, lengths: try unpack(&reader, count: runs), count: count)
        default: throw .malformed("a column has a form that does not exist")
        }
    }

    private static func pack(_ values: [Int64], into writer: inout ByteWriter) {
        let first = values[0]
        let tail = BlockEncoder.tail(of: values)
        let divisor = tail <= 1 ? 1 : commonDivisor(values)
        writer.append(varint: UInt64(divisor))
        writer.append(zigzag: first)
        if divisor == 1 {
            BlockEncoder.encode(values, tail: tail, into: &writer)
        } else {
            BlockEncoder.encode(values.map { ($0 - first) / divisor }, tail: tail, into: &writer)
        }
    }

    private static func unpack(_ reader: inout ByteReader, count: Int) throws(ChunkError) -> [Int64] {
        guard count > 0 else { return [] }
        guard let divisor = Int64(exactly: try reader.varint()), divisor > 0 else {
            throw .malformed("a column has an impossible divisor")
        }
        let first = try reader.zigzag()
        var values = try BlockDecoder.decode(&reader, first: divisor == 1 ? first : 0, count: count)
        guard divisor != 1 else { return values }
        for index in values.indices { values[index] = first &+ values[index] &* divisor }
        return values
    }

    /// What every number's distance from the first can be divided by; 1 where a distance is beyond 63 bits.
    private static func commonDivisor(_ values: [Int64]) -> Int64 {
        let first = values[0]
        var divisor: UInt64 = 0
        for value in values {
            let (distance, overflow) = value.subtractingReportingOverflow(first)
            if overflow || distance == .min { return 1 }
            var (a, b) = (divisor, distance.magnitude)
            // Most often it divides: one step.
            if a != 0, b % a == 0 { continue }
            while b != 0 { (a, b) = (b, a % b) }
            divisor = a
            if divisor == 1 { return 1 }
        }
        return Int64(max(divisor, 1))
    }

    /// The runs of equal numbers; nil if there are more than the limit.
    private static func runs(of values: [Int64], atMost limit: Int) -> (values: [Int64], lengths: [Int64])? {
        var changes = 0
        for index in values.indices.dropFirst() where values[index] != values[index - 1] { changes += 1 }
        guard changes < limit else { return nil }
        var numbers = [values[0]]
        var lengths: [Int64] = []
        var start = 0
        for index in values.indices.dropFirst() where values[index] != values[index - 1] {
            lengths.append(Int64(index - start))
            numbers.append(values[index])
            start = index
        }
        lengths.append(Int64(values.count - start))
        return (numbers, lengths)
    }

    private static func expand(_ runs: [Int64], lengths: [Int64], count: Int) throws(ChunkError) -> [Int64] {
        var values: [Int64] = []
        values.reserveCapacity(count)
        for (value, length) in zip(runs, lengths) {
            guard length > 0, length <= count - values.count else { throw .malformed("runs are longer than their column") }
            values.append(contentsOf: repeatElement(value, count: Int(length)))
        }
        guard values.count == count else { throw .malformed("runs are shorter than their column") }
        return values
    }
}

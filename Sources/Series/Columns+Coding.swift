extension Columns {
    /// The runs: how many, their marks, their lengths. The times. Then the column of each kind that there is, in the order of
    /// `Mark.Kind`; how long it is follows from the runs.
    func encode(into writer: inout ByteWriter) {
        writer.append(varint: UInt64(runs.count))
        IntegerColumn.encode(runs.map { Int64($0.mark.byte) }, into: &writer)
        IntegerColumn.encode(runs.map { Int64($0.count) }, into: &writer)
        IntegerColumn.encode(times, into: &writer)
        IntegerColumn.encode(bools.map { $0 ? 1 : 0 }, into: &writer)
        IntegerColumn.encode(ints, into: &writer)
        IntegerColumn.encode(uints.map { Int64(bitPattern: $0) }, into: &writer)
        DoubleColumn.encode(doubles, into: &writer)
        StringColumn.encode(strings, into: &writer)
    }

    /// - Parameter count: of samples; the caller has bounded it.
    init(decoding reader: inout ByteReader, count: Int) throws(ChunkError) {
        let runCount = try reader.count(atMost: count, of: "runs of marks")
        let marks = try IntegerColumn.decode(&reader, count: runCount)
        let lengths = try IntegerColumn.decode(&reader, count: runCount)
        var total = 0
        var values = [Int](repeating: 0, count: Mark.Kind.allCases.count)
        for (byte, length) in zip(marks, lengths) {
            guard let mark = UInt8(exactly: byte).flatMap(Mark.init(byte:)) else { throw .malformed("a mark does not exist") }
            guard length > 0, length <= count - total else { throw .malformed("runs of marks are longer than the chunk") }
            total += Int(length)
            values[Int(mark.kind.rawValue)] += Int(length)
            runs.append(Run(mark: mark, count: Int(length)))
        }
        guard total == count else { throw .malformed("runs of marks are shorter than the chunk") }
        func length(_ kind: Mark.Kind) -> Int { values[Int(kind.rawValue)] }
        times = try IntegerColumn.decode(&reader, count: count)
        for value in try IntegerColumn.decode(&reader, count: length(.bool)) {
            guard value == 0 || value == 1 else { throw .malformed("a truth value is neither 0 nor 1") }
            bools.append(value == 1)
        }
        ints = try IntegerColumn.decode(&reader, count: length(.int))
        uints = try IntegerColumn.decode(&reader, count: length(.uint)).map { UInt64(bitPattern: $0) }
        doubles = try DoubleColumn.decode(&reader, count: length(.double))
        strings = try StringColumn.decode(&reader, count: length(.string))
    }
}

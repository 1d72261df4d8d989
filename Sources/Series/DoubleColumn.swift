/// A column of doubles, whose every bit comes back: minus zero, infinities, and what a NaN carries.
///
/// A byte says how:
/// - decimals: the form (two bytes); how many exceptions, and of each the distance from the one before, a varint; their bits; the
///   mantissas as an `IntegerColumn`, an exception's being that of the number before;
/// - bits: the bits as an `IntegerColumn`, those of negative numbers turned over, so that neighbours stay neighbours;
/// - changes: an `XORColumn`.
enum DoubleColumn {
    private enum Form {
        static let decimals: UInt8 = 0
        static let bits: UInt8 = 1
        static let changes: UInt8 = 2
    }

    static func encode(_ values: [Double], into writer: inout ByteWriter) {
        guard !values.isEmpty else { return }
        var best = decimals(values)
        // Three bytes a number and less are noise in the last decimals: nothing below would do better.
        if let best, best.bytes.count <= values.count * 3 { return writer.append(contentsOf: best.bytes) }
        for other in [bits(values), changes(values)] where other.bytes.count < best?.bytes.count ?? .max { best = other }
        if let best { writer.append(contentsOf: best.bytes) }
    }

    static func decode(_ reader: inout ByteReader, count: Int) throws(ChunkError) -> [Double] {
        guard count > 0 else { return [] }
        switch try reader.byte() {
        case Form.decimals: return try decimals(&reader, count: count)
        case Form.bits: return try IntegerColumn.decode(&reader, count: count).map { Double(bitPattern: unordered($0)) }
        case Form.changes: return try XORColumn.decode(&reader, count: count)
        default: throw .malformed("a column of numbers has a form that does not exist")
        }
    }

    /// Nil if the numbers are no decimals, or too many of them are not.
    private static func decimals(_ values: [Double]) -> ByteWriter? {
        guard let form = DecimalForm.best(for: values) else { return nil }
        var mantissas = [Int64](repeating: 0, count: values.count)
        var exceptions: [Int] = []
        var last: Int64 = 0
        for index in values.indices {
            if let mantissa = form.mantissa(of: values[index]) {
                last = mantissa
            } else {
                exceptions.append(index)
                if exceptions.count > values.count / 4 { return nil }
            }
            mantissas[index] = last
        }
        var writer = ByteWriter(capacity: values.count * 2 + 64)
        writer.append(Form.decimals)
        writer.append(form.kind.rawValue)
        writer.append(form.place)
        writer.append(varint: UInt64(exceptions.count))
        var next = 0
        for index in exceptions {
            writer.append(varint: UInt64(index - next))
            next = index + 1
        }
        for index in exceptions { writer.append(word: values[index].bitPattern) }
        IntegerColumn.encode(mantissas, into: &writer)
        return writer
    }

    private static func decimals(_ reader: inout ByteReader, count: Int) throws(ChunkError) -> [Double] {
        guard let form = DecimalForm(kind: try reader.byte(), place: try reader.byte()) else {
            throw .malformed("a decimal form does not exist")
        }
        var exceptions: [Int] = []
        var next = 0
        for _ in 0..<(try reader.count(atMost: count, of: "exceptions")) {
            let index = next + (try reader.count(atMost: count, of: "numbers between exceptions"))
            guard index < count else { throw .malformed("an exception stands outside its column") }
            exceptions.append(index)
            next = index + 1
        }
        var bits: [UInt64] = []
        for _ in exceptions { bits.append(try reader.word()) }
        let mantissas = try IntegerColumn.decode(&reader, count: count)
        var values = form.values(of: mantissas)
        for (index, bits) in zip(exceptions, bits) { values[index] = Double(bitPattern: bits) }
        return values
    }

    private static func bits(_ values: [Double]) -> ByteWriter {
        var writer = ByteWriter(capacity: values.count * 8 + 64)
        writer.append(Form.bits)
        IntegerColumn.encode(values.map { ordered($0.bitPattern) }, into: &writer)
        return writer
    }

    private static func changes(_ values: [Double]) -> ByteWriter {
        var writer = ByteWriter(capacity: values.count * 8 + 64)
        writer.append(Form.changes)
        XORColumn.encode(values, into: &writer)
        return writer
    }

    /// The bits as a number that grows with the double.
    private static func ordered(_ bits: UInt64) -> Int64 {
        let signed = Int64(bitPattern: bits)
        return signed < 0 ? signed ^ .max : signed
    }

    private static func unordered(_ number: Int64) -> UInt64 { UInt64(bitPattern: number < 0 ? number ^ .max : number) }
}

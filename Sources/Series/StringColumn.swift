/// A column of texts: how many different ones; each, in the order of their first appearance; then the place of each among them,
/// as an `IntegerColumn`. Texts differ where their bytes do: canonically equal ones come back as they were.
enum StringColumn {
    static func encode(_ values: [String], into writer: inout ByteWriter) {
        guard !values.isEmpty else { return }
        var places: [[UInt8]: Int64] = [:]
        var texts: [[UInt8]] = []
        let column = values.map { value in
            let text = Array(value.utf8)
            if let place = places[text] { return place }
            let place = Int64(texts.count)
            places[text] = place
            texts.append(text)
            return place
        }
        writer.append(varint: UInt64(texts.count))
        for text in texts {
            writer.append(varint: UInt64(text.count))
            writer.append(contentsOf: text)
        }
        IntegerColumn.encode(column, into: &writer)
    }

    static func decode(_ reader: inout ByteReader, count: Int) throws(ChunkError) -> [String] {
        guard count > 0 else { return [] }
        var texts: [String] = []
        for _ in 0..<(try reader.count(atMost: count, of: "texts")) { texts.append(try reader.text()) }
        var values: [String] = []
        values.reserveCapacity(count)
        for place in try IntegerColumn.decode(&reader, count: count) {
            guard let place = Int(exactly: place), texts.indices.contains(place) else {
                throw .malformed("a text is not among its texts")
            }
            values.append(texts[place])
        }
        return values
    }
}

/// The columns of a profile as a table: what each is called, and which key of a point it holds.
enum ProfileColumn: String, CaseIterable {
    case name, table, address, type, order, scale, offset, unit, every
    case rangeLow = "range-low"
    case rangeHigh = "range-high"
    case writable, bit
    case bitsLow = "bits-low"
    case bitsHigh = "bits-high"
    case length, encoding, values
    case rollOver = "roll-over"
    case loopLow = "loop-4ma"
    case loopHigh = "loop-20ma"
    case invalid
    case maximumAge = "max-age"
    case safe, feedback, within, min, max, step
    case writeEvery = "write-every"
    case perDay = "per-day"
    case function, mask

    /// Every table has these; the others only if a point needs them.
    static let usual = Array(allCases.prefix { $0 != .bit })
    /// What no row can do without.
    static let needed: [ProfileColumn] = [.name, .table, .address]

    /// Keys of a point that hold this field as it is.
    static let plain: [ProfileColumn] = [
        .type, .order, .scale, .offset, .unit, .every, .bit, .length, .encoding, .rollOver, .maximumAge,
    ]
    /// Keys of a point that hold two fields.
    static let pairs: [(key: String, low: ProfileColumn, high: ProfileColumn)] = [
        ("range", .rangeLow, .rangeHigh), ("bits", .bitsLow, .bitsHigh), ("loop", .loopLow, .loopHigh),
    ]
    /// Keys of `writable`.
    static let writing: [(key: String, column: ProfileColumn)] = [
        ("safe", .safe), ("feedback", .feedback), ("within", .within), ("min", .min), ("max", .max), ("step", .step),
        ("every", .writeEvery), ("per-day", .perDay), ("function", .function), ("mask", .mask),
    ]
    /// The word for a point that is in messages; its address is a path.
    static let message = "json"
}

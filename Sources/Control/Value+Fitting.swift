import Telemetry

extension Value {
    /// The same value as another type, where nothing is lost by it; 1 and 0 may stand for true and false.
    func fitted(to type: ValueType) -> Value? {
        if self.type == type { return self }
        switch (type, self) {
        case (.bool, .int), (.bool, .uint), (.bool, .double): return number == 1 ? .bool(true) : number == 0 ? .bool(false) : nil
        case (.int, .uint(let whole)): return Int64(exactly: whole).map { .int($0) }
        case (.int, .double(let real)): return Self.whole(real).map { .int($0) }
        case (.uint, .int(let whole)): return UInt64(exactly: whole).map { .uint($0) }
        case (.uint, .double(let real)): return Self.whole(real).flatMap { UInt64(exactly: $0) }.map { .uint($0) }
        case (.double, .int(let whole)): return Double(exactly: whole).map { .double($0) }
        case (.double, .uint(let whole)): return Double(exactly: whole).map { .double($0) }
        default: return nil
        }
    }

    /// Beyond 2⁵³ a double stands for many whole numbers, and which was meant is lost.
    private static func whole(_ real: Double) -> Int64? { abs(real) <= 9_007_199_254_740_992 ? Int64(exactly: real) : nil }
}

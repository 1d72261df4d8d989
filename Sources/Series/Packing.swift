/// How wide a block's remainders are packed, and above which base.
struct Packing {
    private(set) var base: Int64
    private(set) var width: Int
    /// Whether some are wider, and so exceptions.
    private(set) var isNarrow = false

    /// The cheapest packing: as wide as the widest, or narrower where the few exceptions cost less than the bits saved.
    ///
    /// - Parameter sorted: scratch.
    init(remainders: [Int64], count: Int, sorted: inout [Int64]) {
        var (low, high) = (remainders[0], remainders[0])
        for index in 1..<max(count, 1) {
            low = min(low, remainders[index])
            high = max(high, remainders[index])
        }
        base = low
        width = UInt64(bitPattern: high &- low).bits
        guard width > 1, count >= 16 else { return }
        sorted.removeAll(keepingCapacity: true)
        sorted.append(contentsOf: remainders[..<count])
        sorted.sort()
        let widest = width
        var cheapest = count * width
        var narrower = width - 1
        while narrower >= 0 {
            let (start, covered) = Self.window(sorted, width: narrower)
            let left = count - covered
            if left > count / 4 { return }
            let cost = count * narrower + 8 + left * Self.exceptionBits(widest - narrower)
            if cost < cheapest { (cheapest, base, width, isNarrow) = (cost, sorted[start], narrower, true) }
            narrower -= 1
        }
    }

    /// What an exception costs: its place, and its bits above the width, signed, in bytes of seven.
    static func exceptionBits(_ above: Int) -> Int { 8 + 8 * (above / 7 + 1) }

    /// Where the most numbers lie within 2^width of each other.
    private static func window(_ sorted: [Int64], width: Int) -> (start: Int, covered: Int) {
        let reach = UInt64(1) << UInt64(width)
        var best = (start: 0, covered: 0)
        var start = 0
        for end in sorted.indices {
            while UInt64(bitPattern: sorted[end] &- sorted[start]) >= reach { start += 1 }
            if end - start + 1 > best.covered { best = (start, end - start + 1) }
        }
        return best
    }
}

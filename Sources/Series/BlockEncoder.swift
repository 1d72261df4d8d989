/// Writes the blocks of a packed column: of each, tries every guess, and keeps the one that leaves least.
struct BlockEncoder {
    private var state: Block.State
    /// One block's remainders, and the same in order.
    private var remainders = [Int64](repeating: 0, count: Block.length)
    private var sorted: [Int64] = []
    private var histogram = [Int](repeating: 0, count: 65)

    private init(first: Int64) {
        state = Block.State(previous: first)
        sorted.reserveCapacity(Block.length)
    }

    /// Encodes all numbers but the first, which the decoder is given.
    ///
    /// - Parameter tail: as `tail(of:)` found it.
    static func encode(_ values: [Int64], tail: Int, into writer: inout ByteWriter) {
        var encoder = BlockEncoder(first: values[0])
        var start = 1
        while start < values.count {
            if start >= tail {
                writer.append(Block.Guess.tail.rawValue)
                writer.append(zigzag: values[start] &- values[start - 1])
                return
            }
            let end = min(start + Block.length, values.count)
            encoder.encode(values.span.extracting(start..<end), into: &writer)
            start = end
        }
    }

    /// The first index from which on every step to a number is the same as the last one.
    static func tail(of values: [Int64]) -> Int {
        guard values.count > 1 else { return 1 }
        var index = values.count - 1
        let step = values[index] &- values[index - 1]
        while index > 1, values[index - 1] &- values[index - 2] == step { index -= 1 }
        return index
    }

    private mutating func encode(_ block: Span<Int64>, into writer: inout ByteWriter) {
        let count = block.count
        let (guess, slope) = best(for: block)
        state.slope = slope
        fill(block, guess, slope: slope)
        let packing = Packing(remainders: remainders, count: count, sorted: &sorted)
        var exceptions = 0
        for index in 0..<count {
            remainders[index] = remainders[index] &- packing.base
            if packing.isNarrow, remainders[index] >> Int64(packing.width) != 0 { exceptions += 1 }
        }
        let mark = exceptions > 0 ? Block.hasExceptions : 0
        writer.append(guess.rawValue | mark)
        writer.append(UInt8(packing.width))
        if guess == .newLine { writer.append(zigzag: slope) }
        writer.append(zigzag: packing.base)
        if exceptions > 0 {
            writer.append(UInt8(exceptions))
            for index in 0..<count {
                let rest = remainders[index] >> Int64(packing.width)
                guard rest != 0 else { continue }
                writer.append(UInt8(index))
                writer.append(zigzag: rest)
            }
        }
        writer.append(remainders.span.extracting(first: count), width: packing.width)
        let before = count > 1 ? block[count - 2] : state.previous
        state.step = block[count - 1] &- before
        state.previous = block[count - 1]
    }

    /// The guess that leaves least, by an estimate, and the slope for lines from now on.
    private mutating func best(for block: Span<Int64>) -> (Block.Guess, slope: Int64) {
        var best = (guess: Block.Guess.level, slope: state.slope, cost: Int.max)
        func consider(_ guess: Block.Guess, _ slope: Int64, _ cost: Int) {
            if cost < best.cost { best = (guess, slope, cost) }
        }
        for guess in [Block.Guess.level, .step, .trend, .line] {
            fill(block, guess, slope: state.slope)
            consider(guess, state.slope, cost(block.count))
        }
        let (rise, overflow) = block[block.count - 1].subtractingReportingOverflow(state.previous)
        guard !overflow, rise.magnitude < 1 << 46 else { return (best.guess, best.slope) }
        let exact = (rise << 16) / Int64(block.count)
        let whole = ((exact + 1 << 15) >> 16) << 16
        for slope in [whole, exact] where slope != 0 && slope != state.slope {
            fill(block, .newLine, slope: slope)
            consider(.newLine, slope, cost(block.count) + 8 * (Zigzag.encode(slope).bits / 7 + 1))
        }
        return (best.guess, best.slope)
    }

    /// Sets the remainders after a guess.
    private mutating func fill(_ block: Span<Int64>, _ guess: Block.Guess, slope: Int64) {
        let line = Block.State(previous: state.previous, slope: slope)
        var (value, step) = (state.previous, state.step)
        var out = remainders.mutableSpan
        switch guess {
        case .level: for index in block.indices { out[index] = block[index] &- value }
        case .step:
            for index in block.indices {
                out[index] = block[index] &- value
                value = block[index]
            }
        case .trend:
            for index in block.indices {
                let new = block[index] &- value
                out[index] = new &- step
                (value, step) = (block[index], new)
            }
        case .line, .newLine:
            for index in block.indices { out[index] = block[index] &- value &- line.rise(index + 1) }
        case .tail: preconditionFailure("a tail has no remainders")
        }
    }

    /// About how many bits the remainders take: by their distance from one in their midst, the far ones as exceptions.
    private mutating func cost(_ count: Int) -> Int {
        let (a, b, c) = (remainders[0], remainders[count / 2], remainders[count - 1])
        let pivot = max(min(a, b), min(max(a, b), c))
        for index in histogram.indices { histogram[index] = 0 }
        for index in 0..<count { histogram[Zigzag.encode(remainders[index] &- pivot).bits] += 1 }
        var far = 0
        var widest = 64
        while widest > 0, histogram[widest] == 0 { widest -= 1 }
        var best = Int.max
        for width in stride(from: widest, through: 0, by: -1) {
            best = min(best, count * width + far * Packing.exceptionBits(widest - width))
            far += histogram[width]
            if far > count / 4 { break }
        }
        return best
    }
}

extension UInt64 {
    /// How many bits the number needs.
    @inline(__always)
    var bits: Int { 64 - leadingZeroBitCount }
}

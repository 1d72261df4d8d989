/// Reads the blocks of a packed column.
enum BlockDecoder {
    /// - Parameter count: of the whole column, the first number included.
    static func decode(_ reader: inout ByteReader, first: Int64, count: Int) throws(ChunkError) -> [Int64] {
        var values = [Int64](repeating: first, count: count)
        var state = Block.State(previous: first)
        var start = 1
        while start < count {
            let head = try reader.byte()
            guard let guess = Block.Guess(rawValue: head & ~Block.hasExceptions) else {
                throw .malformed("a block guesses in a way that does not exist")
            }
            if guess == .tail {
                let step = try reader.zigzag()
                for index in start..<count { values[index] = values[index - 1] &+ step }
                return values
            }
            let range = start..<min(start + Block.length, count)
            let width = Int(try reader.byte())
            guard width <= 64 else { throw .malformed("a block has numbers of \(width) bits") }
            if guess == .newLine { state.slope = try reader.zigzag() }
            let base = try reader.zigzag()
            let exceptions = try exceptions(&reader, head: head, count: range.count, width: width)
            try reader.read(width: width, into: &values, range)
            for (place, rest) in exceptions { values[start + place] |= rest }
            rebuild(&values, range, guess: guess, base: base, state: &state)
            start = range.upperBound
        }
        return values
    }

    private static func exceptions(
        _ reader: inout ByteReader, head: UInt8, count: Int, width: Int
    ) throws(ChunkError) -> [(place: Int, rest: Int64)] {
        guard head & Block.hasExceptions != 0 else { return [] }
        var found: [(Int, Int64)] = []
        for _ in 0..<Int(try reader.byte()) {
            let place = Int(try reader.byte())
            guard place < count else { throw .malformed("an exception stands outside its block") }
            // A smart shift by 64 gives zero.
            found.append((place, try reader.zigzag() << Int64(width)))
        }
        return found
    }

    /// Adds the guesses to the remainders.
    private static func rebuild(
        _ values: inout [Int64], _ range: Range<Int>, guess: Block.Guess, base: Int64, state: inout Block.State
    ) {
        var span = values.mutableSpan
        switch guess {
        case .level:
            let floor = state.previous &+ base
            for index in range { span[index] = floor &+ span[index] }
        case .step:
            var value = state.previous
            for index in range {
                value = value &+ base &+ span[index]
                span[index] = value
            }
        case .trend:
            var (value, step) = (state.previous, state.step)
            for index in range {
                step = step &+ base &+ span[index]
                value = value &+ step
                span[index] = value
            }
        case .line, .newLine:
            let floor = state.previous &+ base
            for index in range {
                span[index] = floor &+ state.rise(index - range.lowerBound + 1) &+ span[index]
            }
        case .tail: preconditionFailure("a tail has no remainders")
        }
        let last = range.upperBound - 1
        state.step = span[last] &- span[last - 1]
        state.previous = span[last]
    }
}

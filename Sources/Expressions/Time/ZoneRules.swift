/// What a TZif file (RFC 8536) says of a zone: its offset from UTC at every moment.
struct ZoneRules: Sendable {
    /// Moments from which an offset holds, ascending.
    private let transitions: [(from: Int64, offset: Int64)]
    /// Before the first transition.
    private let first: Int64
    /// After the last one; nil where the last offset stays.
    private let later: ZoneRecurrence?

    /// nil for bytes that are not a TZif file.
    init?(_ bytes: [UInt8]) {
        var reader = Reader(bytes: bytes[...])
        guard let old = reader.header() else { return nil }
        var counts = old
        var width = 4
        if old.version >= 0x32 {
            // From version 2 on, the same again follows with 64-bit times; the first block is for old readers.
            guard reader.skip(old.bodyLength(timeWidth: 4)), let new = reader.header() else { return nil }
            counts = new
            width = 8
        }
        guard counts.times <= 10_000, counts.types > 0, counts.types <= 256 else { return nil }
        guard let times = reader.numbers(counts.times, width: width), let kinds = reader.numbers(counts.times, width: 1) else {
            return nil
        }
        var offsets: [Int64] = []
        for _ in 0..<counts.types {
            guard let offset = reader.number(width: 4), reader.skip(2), abs(offset) < 200_000 else { return nil }
            offsets.append(offset)
        }
        var transitions: [(from: Int64, offset: Int64)] = []
        for (time, kind) in zip(times, kinds) {
            guard kind >= 0, kind < offsets.count else { return nil }
            transitions.append((time, offsets[Int(kind)]))
        }
        guard zip(transitions, transitions.dropFirst()).allSatisfy({ $0.from < $1.from }) else { return nil }
        self.transitions = transitions
        first = offsets[0]
        let isSkipped = reader.skip(counts.names + counts.leaps * (width + 4) + counts.standards + counts.universals)
        later = width == 8 && isSkipped ? ZoneRecurrence(reader.footer()) : nil
    }

    func offset(at seconds: Int64) -> Int64 {
        guard let last = transitions.last else { return later?.offset(at: seconds) ?? first }
        if seconds >= last.from { return later?.offset(at: seconds) ?? last.offset }
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].from <= seconds { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : transitions[low - 1].offset
    }

    private struct Header {
        let version: UInt8
        let universals, standards, leaps, times, types, names: Int

        func bodyLength(timeWidth: Int) -> Int {
            times * (timeWidth + 1) + types * 6 + names + leaps * (timeWidth + 4) + standards + universals
        }
    }

    private struct Reader {
        var bytes: ArraySlice<UInt8>

        mutating func header() -> Header? {
            guard bytes.count >= 44, bytes.starts(with: "TZif".utf8) else { return nil }
            let version = bytes[bytes.startIndex + 4]
            bytes = bytes.dropFirst(20)
            guard let counts = numbers(6, width: 4), counts.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
            let n = counts.map(Int.init)
            return Header(version: version, universals: n[0], standards: n[1], leaps: n[2], times: n[3], types: n[4], names: n[5])
        }

        mutating func skip(_ count: Int) -> Bool {
            guard bytes.count >= count else { return false }
            bytes = bytes.dropFirst(count)
            return true
        }

        mutating func numbers(_ count: Int, width: Int) -> [Int64]? {
            guard bytes.count >= count * width else { return nil }
            return (0..<count).compactMap { _ in number(width: width) }
        }

        /// Big-endian. One byte is without a sign, more have one.
        mutating func number(width: Int) -> Int64? {
            guard bytes.count >= width else { return nil }
            let bits = bytes.prefix(width).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            bytes = bytes.dropFirst(width)
            switch width {
            case 1: return Int64(bits)
            case 4: return Int64(Int32(truncatingIfNeeded: bits))
            default: return Int64(bitPattern: bits)
            }
        }

        /// The line at the end that says how the zone goes on.
        func footer() -> String {
            guard bytes.first == UInt8(ascii: "\n") else { return "" }
            return String(decoding: bytes.dropFirst().prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
    }
}

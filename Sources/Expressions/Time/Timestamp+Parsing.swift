extension Timestamp {
    /// Reads RFC 3339: `2009-02-13T23:31:30.5Z`, `2023-08-26T12:39:00-07:00`. nil for anything else, days that do not
    /// exist and years outside 1 to 9999. Digits beyond the nanosecond are cut.
    package init?(parsing text: String) {
        var reader = Reader(bytes: Array(text.utf8))
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), reader.take("T") || reader.take("t"),
            let hour = reader.number(2), reader.take(":"), let minute = reader.number(2), reader.take(":"),
            let second = reader.number(2), let nanoseconds = reader.fraction(), let offset = reader.offset(), reader.isAtEnd
        else { return nil }
        guard (1...12).contains(month), (1...CivilDate.days(in: month, of: year)).contains(day), hour < 24, minute < 60,
            second < 60
        else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
        self.init(seconds: days * 86_400 + hour * 3600 + minute * 60 + second - offset, nanoseconds: nanoseconds)
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        var isAtEnd: Bool { position == bytes.count }

        mutating func take(_ letter: Character) -> Bool {
            guard position < bytes.count, bytes[position] == letter.asciiValue else { return false }
            position += 1
            return true
        }

        mutating func number(_ width: Int) -> Int64? {
            guard position + width <= bytes.count else { return nil }
            var number: Int64 = 0
            for byte in bytes[position..<(position + width)] {
                guard (0x30...0x39).contains(byte) else { return nil }
                number = number * 10 + Int64(byte - 0x30)
            }
            position += width
            return number
        }

        /// The digits behind a point, as nanoseconds; 0 where there is none.
        mutating func fraction() -> Int64? {
            guard take(".") else { return 0 }
            let digits = bytes[position...].prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            position += digits.count
            let padded = digits.prefix(9) + Array(repeating: 0x30, count: max(0, 9 - digits.count))
            return padded.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }

        /// Seconds east of UTC.
        mutating func offset() -> Int64? {
            if take("Z") || take("z") { return 0 }
            let isEast = take("+")
            guard isEast || take("-"), let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60 else {
                return nil
            }
            return (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
        }
    }
}

/// Up to 128 numbers as what is left of them after a guess.
///
/// Two bytes: the guess, plus 128 if there are exceptions; the width. Then: the slope, for a new line; the base, zigzag; the
/// exceptions: how many, and for each its place (a byte) and the rest above the width, zigzag. Then the remainders less the
/// base, `width` bits each.
enum Block {
    static let length = 128

    static let hasExceptions: UInt8 = 0x80

    /// Numbers on disk: never renumber, only add.
    enum Guess: UInt8, CaseIterable {
        /// The last number of the block before.
        case level
        /// The number before.
        case step
        /// The number before, moved by as much as that had moved.
        case trend
        /// A line from the last number of the block before, with the slope of the last line.
        case line
        /// A line with a slope of its own: steps of 1/65536, zigzag.
        case newLine
        /// All numbers from here to the column's end continue evenly by one step, zigzag. Neither base nor bits follow.
        case tail
    }

    /// What the next block's guesses start from.
    struct State {
        var previous: Int64
        var step: Int64 = 0
        /// In steps of 1/65536.
        var slope: Int64 = 0

        /// How far a line has come after so many numbers.
        @inline(__always)
        func rise(_ count: Int) -> Int64 { (slope &* Int64(count)) >> 16 }
    }
}

/// A word of an expression and where it begins, in scalars from the start of the text.
struct Token {
    enum Kind: Hashable {
        case literal(CELValue)
        /// An integer without its sign, kept apart because the least int is written as `-` and a number that does not fit.
        case integer(UInt64)
        case name(String)
        /// A field in backticks.
        case quotedName(String)
        /// Operators and brackets.
        case symbol(String)
        case end
    }

    let kind: Kind
    let offset: Int

    /// What the token is, for messages.
    var words: String {
        switch kind {
        case .literal(.string): "a string"
        case .literal(.bytes): "bytes"
        case .literal, .integer: "a number"
        case .name(let name): "'\(name)'"
        case .quotedName(let name): "'`\(name)`'"
        case .symbol(let symbol): "'\(symbol)'"
        case .end: "the end"
        }
    }
}

/// The tree of a regular expression. Which of several matches is found does not matter to `matches`, so groups leave no
/// trace in it and `*?` is `*`.
indirect enum PatternSyntax {
    case empty
    case scalar(ScalarSet)
    case anchor(PatternAnchor)
    case sequence([PatternSyntax])
    case choice([PatternSyntax])
    /// `most` is nil for no limit.
    case repetition(PatternSyntax, least: Int, most: Int?)

    /// Instructions it compiles to; more than an Int holds is Int.max.
    var size: Int {
        switch self {
        case .empty: 0
        case .scalar, .anchor: 1
        case .sequence(let parts): parts.reduce(0) { Self.sum($0, $1.size) }
        case .choice(let parts): parts.reduce(0) { Self.sum($0, Self.sum($1.size, 2)) }
        case .repetition(let part, let least, let most):
            Self.product(Self.sum(part.size, 2), max(1, most ?? least + 1))
        }
    }

    private static func sum(_ a: Int, _ b: Int) -> Int {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : sum
    }

    private static func product(_ a: Int, _ b: Int) -> Int {
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        return overflow ? .max : product
    }
}

/// What holds between two scalars, or at an end of the text.
enum PatternAnchor {
    case startOfText, endOfText, startOfLine, endOfLine, wordEdge, noWordEdge

    func holds(after previous: Unicode.Scalar?, before next: Unicode.Scalar?) -> Bool {
        switch self {
        case .startOfText: previous == nil
        case .endOfText: next == nil
        case .startOfLine: previous == nil || previous == "\n"
        case .endOfLine: next == nil || next == "\n"
        case .wordEdge: Self.isWord(previous) != Self.isWord(next)
        case .noWordEdge: Self.isWord(previous) == Self.isWord(next)
        }
    }

    /// RE2: `\b` is about ASCII words.
    private static func isWord(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        return scalar.isNameStart || scalar.isDigit
    }
}

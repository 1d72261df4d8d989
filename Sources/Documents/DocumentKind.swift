/// What a file below the folder of rules is, by its first key: `rule: 1`, `alarm: 1`. Whatever else it begins with is judged as
/// a rule, which says what is wrong with it.
package enum DocumentKind: String, Sendable, CaseIterable {
    case rule, alarm, `guard`

    /// Looks no further than the first line that is neither empty nor a comment.
    package init(of text: String) {
        let lines = text.split(whereSeparator: \.isNewline).lazy.map { $0.drop { $0.isWhitespace || $0 == "\u{FEFF}" } }
        let first = lines.first { !$0.isEmpty && !$0.hasPrefix("#") && !$0.hasPrefix("---") && !$0.hasPrefix("%") } ?? ""
        let key = first.prefix { $0 != ":" }.trimming { $0.isWhitespace || "\"'{".contains($0) }
        self = Self(rawValue: String(key)) ?? .rule
    }
}

extension Substring {
    fileprivate func trimming(_ isDropped: (Character) -> Bool) -> Substring {
        var rest = drop(while: isDropped)
        while let last = rest.last, isDropped(last) { rest.removeLast() }
        return rest
    }
}

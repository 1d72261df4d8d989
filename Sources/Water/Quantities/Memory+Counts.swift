import Rules

extension Memory {
    /// More than anything is ever counted to. Of a number from a damaged file it leaves room for one more.
    private static let most = 1 << 48

    /// How often something was counted; zero if that is not known.
    subscript(tally name: String) -> Int { min(max(self[count: name] ?? 0, 0), Self.most) }
}

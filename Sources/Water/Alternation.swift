/// Whose turn it is among pumps that are equals.
enum Alternation: String, CaseIterable, Sendable {
    /// Each stop hands the lead on.
    case alternate
    /// Always in the order of the file.
    case fixed
    /// Whoever ran least, or was started least, starts next.
    case hours, starts
    /// Like `alternate`; and as the level falls back, whoever was on longest goes off first.
    case firstOnFirstOff = "first-on-first-off"

    /// Whether it goes by what pumps have done so far.
    var isByUse: Bool { self == .hours || self == .starts }

    /// The order in which equals start.
    /// - Parameters:
    ///   - pumps: in the order of the file.
    ///   - lead: where the round begins: at this pump, or at the next after it that is among them.
    ///   - use: of each pump of the station, the hours or starts so far. If one of `pumps` is not known, they take turns.
    func order(of pumps: [Int], lead: Int, use: [Double?]) -> [Int] {
        if self == .fixed { return pumps }
        let turn = pumps.filter { $0 >= lead } + pumps.filter { $0 < lead }
        guard isByUse else { return turn }
        let known = turn.compactMap { pump in use[pump].map { (pump: pump, use: $0) } }
        guard known.count == turn.count else { return turn }
        // A sort that keeps the order of equals is not promised by the library, so the round decides between them.
        return known.enumerated().sorted { ($0.element.use, $0.offset) < ($1.element.use, $1.offset) }.map(\.element.pump)
    }
}

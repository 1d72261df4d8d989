/// Finds a part in a whole in time that is the sum of their lengths, whatever they hold (Knuth, Morris and Pratt, 1977).
enum Search {
    static func first<Element: Equatable>(_ part: [Element], in whole: [Element], from start: Int = 0) -> Int? {
        guard !part.isEmpty else { return start <= whole.count ? start : nil }
        guard start >= 0, part.count <= whole.count - start else { return nil }
        let borders = borders(of: part)
        var matched = 0
        for index in start..<whole.count {
            while matched > 0, part[matched] != whole[index] { matched = borders[matched - 1] }
            if part[matched] == whole[index] { matched += 1 }
            if matched == part.count { return index + 1 - matched }
        }
        return nil
    }

    /// The last place that is not after `end`.
    static func last<Element: Equatable>(_ part: [Element], in whole: [Element], upTo end: Int) -> Int? {
        let reach = min(whole.count, end + part.count)
        guard reach >= part.count else { return nil }
        let mirrored = first(Array(part.reversed()), in: Array(whole[..<reach].reversed()))
        return mirrored.map { reach - $0 - part.count }
    }

    /// For each beginning of the part, how much of it is also its end.
    private static func borders<Element: Equatable>(of part: [Element]) -> [Int] {
        var borders = Array(repeating: 0, count: part.count)
        var length = 0
        for index in part.indices.dropFirst() {
            while length > 0, part[index] != part[length] { length = borders[length - 1] }
            if part[index] == part[length] { length += 1 }
            borders[index] = length
        }
        return borders
    }
}

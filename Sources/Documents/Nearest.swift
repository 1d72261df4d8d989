/// The known word a mistyped one was probably meant to be; nil if none is near (a third of its length, at least one letter).
package func nearest(to word: String, among known: some Sequence<String>) -> String? {
    let scored = known.map { (word: $0, distance: distance(word.lowercased(), $0.lowercased())) }
    guard let best = scored.min(by: { ($0.distance, $0.word) < ($1.distance, $1.word) }) else { return nil }
    return best.distance <= max(1, best.word.count / 3) ? best.word : nil
}

/// `; did you mean 'level'?`, or the known words if none is near and they are few, or nothing.
package func suggestion(for word: String, among known: some Collection<String>) -> String {
    if let near = nearest(to: word, among: known) { return "; did you mean '\(near)'?" }
    guard !known.isEmpty, known.count <= 16 else { return "" }
    return "; known: " + known.sorted().joined(separator: ", ")
}

/// Letters to insert, delete, replace or swap with a neighbour (optimal string alignment).
private func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.prefix(80))
    let b = Array(b.prefix(80))
    var before: [Int] = []
    var above = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var best = min(above[j + 1] + 1, row[j] + 1, above[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
            row.append(best)
        }
        before = above
        above = row
    }
    return above[b.count]
}

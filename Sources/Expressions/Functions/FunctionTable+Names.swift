extension FunctionTable {
    /// The function a call means: `math.abs(x)` by its full name, `x.size()` as a method of `x`, `size(x)`.
    func find(
        _ name: String, of receiver: Syntax?, isLocal: (String) -> Bool
    ) -> (function: Function?, takesReceiver: Bool) {
        guard let receiver else { return (global[name], false) }
        if let path = receiver.path, receiver.isRooted || !isLocal(path[0]),
            let found = global[(path + [name]).joined(separator: ".")] {
            return (found, false)
        }
        return (methods[name], true)
    }

    /// What to say of a function that is not there.
    static func unknown(_ name: String, of receiver: Syntax?, in table: FunctionTable) -> String {
        let isMethod = receiver != nil
        if let path = receiver?.path, let namespace = path.first, path.count == 1,
            table.global.keys.contains(where: { $0.hasPrefix(namespace + ".") }) {
            let known = table.global.keys.filter { $0.hasPrefix(namespace + ".") }
            return "there is no function '\(namespace).\(name)'" + suggestion(for: "\(namespace).\(name)", among: known)
        }
        if !isMethod, table.methods[name] != nil { return "'\(name)' is called on a value: x.\(name)()" }
        if isMethod, table.global[name] != nil { return "'\(name)' is not called on a value: \(name)(x)" }
        let known = isMethod ? Array(table.methods.keys) : table.global.keys.filter { !$0.contains(".") }
        return "there is no function '\(name)'" + suggestion(for: name, among: known)
    }

    private static func suggestion(for name: String, among known: [String]) -> String {
        if let near = nearest(to: name, among: known) { return "; did you mean '\(near)'?" }
        return known.count > 20 ? "" : "; known: \(known.sorted().joined(separator: ", "))"
    }

    /// The name that was meant, perhaps.
    static func nearest(to name: String, among known: [String]) -> String? {
        known.map { (name: $0, distance: distance(from: name, to: $0)) }
            .filter { $0.distance <= 1 + name.count / 4 && $0.distance < name.count }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }

    /// Letters to insert, remove or change.
    private static func distance(from a: String, to b: String) -> Int {
        let other = Array(b)
        var row = Array(0...other.count)
        for (i, letter) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, otherLetter) in other.enumerated() {
                let change = diagonal + (letter == otherLetter ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(change, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[other.count]
    }
}

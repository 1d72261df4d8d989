/// A mapping being read: says once what keys it may hold, then hands out their values, noting every mistake it meets.
///
///     let form = Form(node, keys: ["every", "unit"], in: mistakes)
///     let every = form?.duration("every") ?? .seconds(1)
///
/// A missing or wrong value gives nil after noting why, so that reading goes on and finds the next mistake.
package struct Form {
    package let node: Node
    package let mistakes: Mistakes
    private let what: String

    /// nil, with a mistake, if the node is not a mapping. Unknown keys are mistakes that suggest the nearest
    /// known one, and so are keys written twice.
    /// - Parameters:
    ///   - what: what the mapping describes, for messages: `a point`.
    ///   - keys: the keys it may hold; nil where they are names the user chooses.
    package init?(_ node: Node, _ what: String, keys: [String]?, in mistakes: Mistakes) {
        guard case .mapping(let pairs) = node.content else {
            mistakes.add("\(what) must be a mapping, not \(node.kind)", at: node.place)
            return nil
        }
        for again in node.repeats {
            mistakes.add("'\(again.key)' is written again; it is already at line \(again.first.line)", at: again.place)
        }
        if let keys {
            for pair in pairs where !keys.contains(pair.key) {
                mistakes.add("\(what) has no key '\(pair.key)'" + suggestion(for: pair.key, among: keys), at: pair.place)
            }
        }
        self.node = node
        self.mistakes = mistakes
        self.what = what
    }

    package var entries: [(key: String, place: Place, value: Node)] {
        if case .mapping(let pairs) = node.content { pairs } else { [] }
    }

    package func has(_ key: String) -> Bool { node[key] != nil }

    /// Where a key's value stands, or the mapping if it is absent.
    package func place(of key: String) -> Place { node[key]?.place ?? node.place }

    package func require(_ key: String) -> Node? {
        if let value = node[key] { return value }
        mistakes.add("\(what) needs '\(key)'", at: node.place)
        return nil
    }

    /// Text; quoted or not.
    package func string(_ key: String, required: Bool = false) -> String? {
        guard let value = required ? require(key) : node[key] else { return nil }
        guard let text = value.scalar, !text.isEmpty else {
            mistakes.add("'\(key)' must be text, not \(value.kind)", at: value.place)
            return nil
        }
        return text
    }

    package func integer(_ key: String, in range: ClosedRange<Int>, required: Bool = false) -> Int? {
        guard let value = required ? require(key) : node[key] else { return nil }
        guard let text = value.scalar, let number = Int(text), range.contains(number) else {
            let shown = value.scalar.map { "'\($0)'" } ?? value.kind
            mistakes.add(
                "'\(key)' must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(shown)", at: value.place)
            return nil
        }
        return number
    }

    /// A finite number.
    package func number(_ key: String, required: Bool = false) -> Double? {
        guard let value = required ? require(key) : node[key] else { return nil }
        return number(value, called: "'\(key)'")
    }

    private func number(_ value: Node, called name: String) -> Double? {
        guard let text = value.scalar, let number = Double(text), number.isFinite else {
            mistakes.add("\(name) must be a number, not \(value.scalar.map { "'\($0)'" } ?? value.kind)", at: value.place)
            return nil
        }
        return number
    }

    package func flag(_ key: String) -> Bool? {
        guard let value = node[key] else { return nil }
        switch value.content {
        case .scalar("true", isQuoted: false): return true
        case .scalar("false", isQuoted: false): return false
        default:
            mistakes.add("'\(key)' must be true or false, not \(value.scalar.map { "'\($0)'" } ?? value.kind)", at: value.place)
            return nil
        }
    }

    /// A span with its unit, `250ms`, `5s`, `1.5h`, `7d`; more than zero.
    package func duration(_ key: String, required: Bool = false) -> Duration? {
        guard let value = required ? require(key) : node[key] else { return nil }
        guard let text = value.scalar, let span = Duration(text: text) else {
            let shown = value.scalar.map { "'\($0)'" } ?? value.kind
            mistakes.add("'\(key)' must be a duration such as 250ms, 5s, 10m, 2h or 1d, not \(shown)", at: value.place)
            return nil
        }
        guard span > .zero else {
            mistakes.add("'\(key)' must be longer than zero", at: value.place)
            return nil
        }
        return span
    }

    /// `[low, high]`, low first.
    package func range(_ key: String) -> ClosedRange<Double>? {
        guard let value = node[key] else { return nil }
        guard case .sequence(let ends) = value.content, ends.count == 2 else {
            var shown = value.kind
            if case .sequence(let ends) = value.content { shown += " of \(ends.count)" }
            mistakes.add("'\(key)' must be [low, high], not \(shown)", at: value.place)
            return nil
        }
        guard let low = number(ends[0], called: "the low end of '\(key)'"),
            let high = number(ends[1], called: "the high end of '\(key)'")
        else { return nil }
        guard low <= high else {
            mistakes.add(
                "'\(key)' must be [low, high], but \(ends[0].scalar ?? "") is above \(ends[1].scalar ?? "")", at: value.place)
            return nil
        }
        return low...high
    }

    /// One of a fixed set of words.
    package func word<Word: RawRepresentable & CaseIterable>(_ key: String, as type: Word.Type, required: Bool = false) -> Word?
    where Word.RawValue == String {
        guard let value = required ? require(key) : node[key] else { return nil }
        let known = Word.allCases.map(\.rawValue)
        guard let text = value.scalar, let word = Word(rawValue: text) else {
            let shown = value.scalar ?? value.kind
            mistakes.add("'\(key)' cannot be '\(shown)'" + suggestion(for: shown, among: known), at: value.place)
            return nil
        }
        return word
    }

    /// A list of texts; a single text counts as a list of one.
    package func strings(_ key: String, required: Bool = false) -> [(text: String, place: Place)]? {
        guard let value = required ? require(key) : node[key] else { return nil }
        let members: [Node]
        if case .sequence(let nodes) = value.content { members = nodes } else { members = [value] }
        return members.compactMap { member in
            guard let text = member.scalar, !text.isEmpty else {
                mistakes.add("each of '\(key)' must be text, not \(member.kind)", at: member.place)
                return nil
            }
            return (text, member.place)
        }
    }

    package func form(_ key: String, _ what: String, keys: [String]?, required: Bool = false) -> Form? {
        guard let value = required ? require(key) : node[key] else { return nil }
        return Form(value, what, keys: keys, in: mistakes)
    }
}

extension Duration {
    /// `250ms`, `5s`, `1.5h`, `7d`; nil for anything else, for a negative span, and for one of more than a hundred years.
    package init?(text: String) {
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)]
        guard let (unit, seconds) = units.first(where: { text.hasSuffix($0.0) }) else { return nil }
        let digits = text.dropLast(unit.count)
        guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let number = Double(digits) else { return nil }
        let span = number * seconds
        guard span.isFinite, span <= 100 * 366 * 86_400 else { return nil }
        self = .milliseconds(Int64((span * 1000).rounded()))
    }
}

/// A piece of a YAML file that remembers where it stood.
package struct Node: Sendable {
    package indirect enum Content: Sendable {
        /// `isQuoted` tells `"5"` from `5`.
        case scalar(String, isQuoted: Bool)
        case sequence([Node])
        /// In the order written; keys are scalars and unique.
        case mapping([(key: String, place: Place, value: Node)])
    }

    package let content: Content
    package let place: Place
    /// Keys of this mapping that were written again; `content` holds the first of each. `Form` calls them mistakes.
    package let repeats: [(key: String, place: Place, first: Place)]

    package init(_ content: Content, at place: Place, repeats: [(key: String, place: Place, first: Place)] = []) {
        self.content = content
        self.place = place
        self.repeats = repeats
    }

    /// What the node is, for messages.
    package var kind: String {
        switch content {
        case .scalar("", isQuoted: false): "nothing"
        case .scalar("", isQuoted: true): "an empty text"
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    package var scalar: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    package subscript(key: String) -> Node? {
        guard case .mapping(let pairs) = content else { return nil }
        return pairs.first { $0.key == key }?.value
    }
}

internal import Yams

extension Node {
    /// Far longer than any file that people write.
    private static let longest = 4 << 20
    /// More values than any honest file has: a short file of nested aliases can stand for billions.
    private static let most = 200_000
    private static let deepest = 64
    /// So many repeated keys are put up with before reading stops.
    private static let repeatsAllowed = 64

    /// Parses one YAML document from the bytes of a file.
    /// - Throws: a `Mistake` where the bytes are not UTF-8 or the text is not YAML.
    package init(utf8 bytes: [UInt8], file: String) throws(Mistake) {
        if let text = String(validating: bytes, as: UTF8.self) {
            try self.init(yaml: text, file: file)
        } else {
            throw Mistake("not UTF-8 text", at: Place(ofBadUTF8In: bytes, file: file))
        }
    }

    /// Parses one YAML document.
    /// - Throws: a `Mistake` where the text is not YAML, or holds a key that is not a single word. Repeated keys are left in
    ///   `repeats`, so that they do not hide what else is wrong.
    package init(yaml: String, file: String) throws(Mistake) {
        var text = YAMLText(yaml)
        guard yaml.utf8.count <= Self.longest else {
            throw Mistake("longer than \(Self.longest >> 20) MB", at: Place(file: file))
        }
        guard text.greatestExpansion <= Double(Self.most) else {
            throw Mistake("anchors and aliases that stand for too many values; write them out", at: Place(file: file))
        }
        for _ in 0...Self.repeatsAllowed {
            let composed: Yams.Node?
            do {
                composed = try Yams.compose(yaml: text.text, .basic)
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                if text.setAside(keyAt: context.mark.line, context.mark.column) { continue }
                let place = Place(file: file, line: context.mark.line, column: context.mark.column)
                throw Mistake("'\(keys.joined(separator: "', '"))' is written twice in one mapping", at: place)
            } catch {
                throw Mistake(parseErrorOf: error, in: text, file: file)
            }
            guard let composed else { throw Mistake("the file is empty", at: Place(file: file)) }
            var builder = Builder(text: text, file: file)
            self = try builder.node(composed, depth: 0)
            if case .scalar("", isQuoted: false) = content { throw Mistake("the file is empty", at: Place(file: file)) }
            return
        }
        throw Mistake("more than \(Self.repeatsAllowed) keys are written twice", at: Place(file: file))
    }

    /// Turns Yams' nodes into ours, counting them.
    private struct Builder {
        let text: YAMLText
        let file: String
        var count = 0

        mutating func node(_ node: Yams.Node, depth: Int) throws(Mistake) -> Node {
            let place = node.mark.map { text.place($0.line, $0.column, file: file) } ?? Place(file: file)
            count += 1
            guard count <= most else { throw Mistake("more than \(most) values in one file", at: place) }
            guard depth < deepest else { throw Mistake("nested more than \(deepest) deep", at: place) }
            switch node {
            case .scalar(let scalar):
                let isQuoted = scalar.style == .singleQuoted || scalar.style == .doubleQuoted
                return Node(.scalar(scalar.string, isQuoted: isQuoted), at: place)
            case .sequence(let nodes):
                var members: [Node] = []
                for node in nodes { members.append(try self.node(node, depth: depth + 1)) }
                return Node(.sequence(members), at: place)
            case .mapping(let mapping):
                return try self.mapping(mapping, at: place, depth: depth)
            case .alias:
                throw Mistake("an alias (*name) has no place here; write the value out", at: place)
            }
        }

        private mutating func mapping(_ mapping: Yams.Node.Mapping, at place: Place, depth: Int) throws(Mistake) -> Node {
            var pairs: [(key: String, place: Place, value: Node)] = []
            var repeats: [(key: String, place: Place, first: Place)] = []
            var seen: [String: Place] = [:]
            for (key, value) in mapping {
                let key = try node(key, depth: depth + 1)
                let value = try node(value, depth: depth + 1)
                guard let word = key.scalar else { throw Mistake("a key must be a single word, not \(key.kind)", at: key.place) }
                let name = text.withoutMarks(word)
                if let first = seen[name] {
                    repeats.append((name, key.place, first))
                } else {
                    seen[name] = key.place
                    pairs.append((name, key.place, value))
                }
            }
            return Node(.mapping(pairs), at: place, repeats: repeats)
        }
    }
}

extension Mistake {
    /// Yams' error as one sentence at the place it names.
    fileprivate init(parseErrorOf error: any Error, in text: YAMLText, file: String) {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let what = context.map { "\($0.text), " } ?? ""
            self.init("not YAML: \(what)\(problem)", at: text.place(mark.line, mark.column, file: file))
        case .reader(let problem, let offset, _, _):
            self.init("not YAML: \(problem)", at: text.place(atCharacter: offset ?? 0, file: file))
        default:
            self.init("not YAML: \(error)", at: Place(file: file))
        }
    }
}

extension Place {
    /// Where bytes stop being UTF-8.
    init(ofBadUTF8In bytes: [UInt8], file: String) {
        var line = 1
        var column = 1
        var decoder = UTF8()
        var source = bytes.makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&source) {
            (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
        }
        self.init(file: file, line: line, column: column)
    }
}

package import Documents
package import Telemetry

/// A rule file being read: what it says, what it may speak of, and for whom it is made. Kinds read their own keys through it.
package struct RuleDraft {
    /// One device a rule is made for, or nobody in particular.
    package struct Subject: Sendable {
        package let device: DeviceID?
        /// `xinzhuang-drain`, or `dry-soil#zone-1`.
        package let owner: String
        /// What events are about: the device, else the rule.
        package let title: String
    }

    package let name: String
    package let form: Form
    package let context: RuleContext
    /// Empty if `for-each` matched nothing: expressions and numbers are still read, to find their mistakes.
    package let subjects: [Subject]
    let text: SourceText

    package var mistakes: Mistakes { form.mistakes }
    private var directory: Directory { context.directory }

    // MARK: Points

    /// A point by its full name, or by its own if the rule is made for devices. Notes what is wrong with the name.
    package func point(_ text: String, at place: Place, of subject: Subject) -> PointID? {
        let words = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if words.count == 1 {
            guard let device = subject.device else {
                mistakes.add(
                    "'\(text)' must be a point's full name, site/device/point, since the rule has no 'for-each'", at: place)
                return nil
            }
            return point(text, of: device, at: place)
        }
        guard words.count == 3 else {
            mistakes.add("'\(text)' is not a point's name: site/device/point", at: place)
            return nil
        }
        let sites = Set(directory.devices.map(\.site))
        guard sites.contains(words[0]) else {
            mistakes.add("there is no site '\(words[0])'" + suggestion(for: words[0], among: sites), at: place)
            return nil
        }
        guard let device = directory.devices.firstIndex(where: { $0.site == words[0] && $0.name == words[1] }) else {
            let known = directory.devices.filter { $0.site == words[0] }.map(\.name)
            mistakes.add("site '\(words[0])' has no device '\(words[1])'" + suggestion(for: words[1], among: known), at: place)
            return nil
        }
        return point(words[2], of: DeviceID(index: device), at: place)
    }

    private func point(_ word: String, of device: DeviceID, at place: Place) -> PointID? {
        let described = directory[device]
        if let point = described.points.first(where: { directory[$0].name.point == word }) { return point }
        let known = described.points.map { directory[$0].name.point }
        mistakes.add(
            "\(described.site)/\(described.name) has no point '\(word)'" + suggestion(for: word, among: known), at: place)
        return nil
    }

    /// The point a key names, which must be writable.
    package func actuator(_ key: String, in form: Form, of subject: Subject) -> PointID? {
        guard let text = form.string(key, required: true) else { return nil }
        let place = form.place(of: key)
        guard let point = point(text, at: place, of: subject) else { return nil }
        guard directory[point].isWritable else {
            let writable = directory[directory[point].device].points.map { directory[$0] }.filter(\.isWritable).map(\.name.point)
            let hint = writable.isEmpty ? "" : "; writable there: \(writable.joined(separator: ", "))"
            mistakes.add("'\(directory[point].name)' is not writable\(hint)", at: place)
            return nil
        }
        return point
    }

    /// The value a key holds, of the point's type and within its range.
    package func value(_ key: String, in form: Form, for point: PointID) -> Value? {
        guard let node = form.require(key) else { return nil }
        let described = directory[point]
        guard let value = Value(node, as: described.type) else {
            let shown = node.scalar.map { "'\($0)'" } ?? node.kind
            mistakes.add("'\(described.name)' takes \(described.type.described), not \(shown)", at: node.place)
            return nil
        }
        if let range = described.range, let number = value.number, !range.contains(number) {
            let ends = "\(Wording.of(range.lowerBound))…\(Wording.of(range.upperBound))"
            mistakes.add("'\(described.name)' goes from \(ends); \(Wording.of(number)) is outside", at: node.place)
            return nil
        }
        return value
    }
}

extension Value {
    fileprivate init?(_ node: Node, as type: ValueType) {
        guard case .scalar(let text, let isQuoted) = node.content else { return nil }
        if type == .string {
            self = .string(text)
            return
        }
        guard !isQuoted else { return nil }
        switch type {
        case .bool:
            guard text == "true" || text == "false" else { return nil }
            self = .bool(text == "true")
        case .int:
            guard let number = Int64(text) else { return nil }
            self = .int(number)
        case .uint:
            guard let number = UInt64(text) else { return nil }
            self = .uint(number)
        case .double:
            guard let number = Double(text), number.isFinite else { return nil }
            self = .double(number)
        case .string: return nil
        }
    }
}

extension ValueType {
    fileprivate var described: String {
        switch self {
        case .bool: "true or false"
        case .int: "a whole number"
        case .uint: "a whole number from zero"
        case .double: "a number"
        case .string: "text"
        }
    }
}

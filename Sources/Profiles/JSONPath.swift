/// Where in a JSON text one value stands: a singular query of RFC 9535 (§2.3.5.1), such as `$.position.lat`,
/// `$.tanks[0]['fill level']`. It finds one value or none; wildcards, slices and filters are refused.
package struct JSONPath: Sendable, Hashable, CustomStringConvertible {
    enum Segment: Sendable, Hashable {
        case name(String)
        /// Negative ones count from the end.
        case index(Int)
    }

    let segments: [Segment]

    package init(_ text: String) throws(JSONPathError) {
        var parser = JSONPathParser(text)
        segments = try parser.segments()
    }

    package func value(in json: JSON) -> JSON? {
        var value = json
        for segment in segments {
            switch (segment, value) {
            case (.name(let name), .object(let members)):
                guard let member = members[name] else { return nil }
                value = member
            case (.index(let index), .array(let members)):
                let (position, overflow) = index < 0 ? members.count.addingReportingOverflow(index) : (index, false)
                guard !overflow, members.indices.contains(position) else { return nil }
                value = members[position]
            default: return nil
            }
        }
        return value
    }

    /// The shortest form of the same path.
    package var description: String {
        segments.reduce(into: "$") { text, segment in
            switch segment {
            case .index(let index): text += "[\(index)]"
            case .name(let name): text += JSONPathParser.isShorthand(name) ? ".\(name)" : "['\(Self.escaped(name))']"
            }
        }
    }

    /// As RFC 9535, §2.7, writes names in normalized paths.
    private static func escaped(_ name: String) -> String {
        name.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "'": text += "\\'"
            case "\\": text += "\\\\"
            case "\u{8}": text += "\\b"
            case "\t": text += "\\t"
            case "\n": text += "\\n"
            case "\u{C}": text += "\\f"
            case "\r": text += "\\r"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}

/// Why a text is no path, and where that showed.
package struct JSONPathError: Error, Hashable, Sendable, CustomStringConvertible {
    package let message: String
    /// Unicode scalars from the start.
    package let offset: Int

    init(_ message: String, at offset: Int) {
        self.message = message
        self.offset = offset
    }

    package var description: String { "not a JSON path: \(message)" }
}

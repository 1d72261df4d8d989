/// What an evaluation may still cost.
///
/// A unit is about one step: a node of the expression, a member of a list looked at or made, sixteen bytes of a text, or
/// sixteen steps of a regular expression. What is long is paid for before it is done, so no expression can outlast its
/// limit or fill the memory.
package struct Meter {
    package private(set) var left: Int

    package init(_ limit: Int) { left = limit }

    package mutating func spend(_ cost: Int) throws(EvaluationError) {
        guard cost <= left else {
            // Nothing may go on after this, not even what would cost less.
            left = 0
            throw .tooCostly
        }
        left -= cost
    }

    mutating func spend(bytes: Int) throws(EvaluationError) { try spend(bytes >> 4) }

    /// Pays for looking at a value and all that is in it. Where lists share their members, each counts as often as it is met.
    mutating func spend(reading value: CELValue) throws(EvaluationError) {
        switch value {
        case .string(let text): try spend(bytes: text.utf8.count)
        case .bytes(let bytes): try spend(bytes: bytes.count)
        case .list(let members):
            try spend(members.count)
            for member in members { try spend(reading: member) }
        case .map(let map):
            try spend(map.count)
            for (key, value) in map {
                try spend(reading: key)
                try spend(reading: value)
            }
        case .optional(let value?): try spend(reading: value)
        default: break
        }
    }
}

/// An expression as it was written: the tree the parser builds, before names are bound.
struct Syntax: Sendable {
    indirect enum Kind: Sendable {
        case literal(CELValue)
        /// `isRoot` for `.x`, which no variable of a macro hides.
        case name(String, isRoot: Bool)
        /// `isOptional` for `x.?field`.
        case select(Syntax, String, isOptional: Bool)
        case has(Syntax, String)
        case index(Syntax, Syntax, isOptional: Bool)
        /// `receiver` is nil for `size(x)` and x for `x.size()`.
        case call(receiver: Syntax?, String, [Syntax])
        case negate(Syntax)
        case not(Syntax)
        case binary(Operator, Syntax, Syntax)
        case conditional(Syntax, Syntax, Syntax)
        case list([Element])
        case map([Entry])
        case comprehension(Comprehension)
        /// `cel.bind(name, value, body)`.
        case bind(String, Syntax, Syntax)
        /// `operand.optMap(name, body)`; flat if the body gives an optional value itself.
        case optionalMap(Syntax, String, Syntax, isFlat: Bool)
    }

    /// A member of a list; `[?x]` is there only if `x` has a value.
    struct Element: Sendable {
        let value: Syntax
        let isOptional: Bool
    }

    struct Entry: Sendable {
        let key: Syntax
        let value: Syntax
        let isOptional: Bool
    }

    /// A macro over a list or the keys of a map.
    struct Comprehension: Sendable {
        enum Kind: String, Sendable {
            case all, exists, existsOne, map, filter, transformMap, transformMapEntry
        }

        let kind: Kind
        let range: Syntax
        /// The member or key; of two, the position or key.
        let first: String
        /// The member or value.
        let second: String?
        /// What `all`, `exists`, `existsOne` and `filter` ask; of the others, which members they take.
        let condition: Syntax?
        /// What `map` and the `transform` macros make of a member.
        let result: Syntax?

        var parts: [Syntax] { [range] + [condition, result].compactMap { $0 } }
    }

    enum Operator: String {
        case or = "||"
        case and = "&&"
        case less = "<"
        case lessOrEqual = "<="
        case more = ">"
        case moreOrEqual = ">="
        case equal = "=="
        case unequal = "!="
        case isIn = "in"
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case remainder = "%"

        /// The higher binds the tighter; all are left-associative.
        var precedence: Int {
            switch self {
            case .or: 1
            case .and: 2
            case .less, .lessOrEqual, .more, .moreOrEqual, .equal, .unequal, .isIn: 3
            case .add, .subtract: 4
            case .multiply, .divide, .remainder: 5
            }
        }
    }

    let kind: Kind
    /// Where the construct is best pointed at: its operator, or its first scalar.
    let offset: Int
    /// Levels below and including this one. Bounded, so that no walk of the tree can exhaust a stack.
    let depth: Int

    static let greatestDepth = 256

    /// `x.y.z` of names alone, as its words; nil for anything else.
    var path: [String]? {
        switch kind {
        case .name(let name, _): [name]
        case .select(let operand, let field, isOptional: false): operand.path.map { $0 + [field] }
        default: nil
        }
    }

    /// Whether the first word of the path begins with a point.
    var isRooted: Bool {
        switch kind {
        case .name(_, let isRoot): isRoot
        case .select(let operand, _, _): operand.isRooted
        default: false
        }
    }
}

/// An expression as it was written: the tree the parser builds, before names are bound.
struct Syntax {
    indirect enum Kind {
        case literal(CELValue)
        case name(String)
        case select(Syntax, String)
        case has(Syntax, String)
        case index(Syntax, Syntax)
        /// `receiver` is nil for `size(x)` and x for `x.size()`.
        case call(receiver: Syntax?, String, [Syntax])
        case negate(Syntax)
        case not(Syntax)
        case binary(Operator, Syntax, Syntax)
        case conditional(Syntax, Syntax, Syntax)
        case list([Syntax])
        case map([(key: Syntax, value: Syntax)])
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
        case .name(let name): [name]
        case .select(let operand, let field): operand.path.map { $0 + [field] }
        default: nil
        }
    }
}

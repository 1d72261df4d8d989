/// An expression ready to run: its nodes in one row, operands before operators, names as slots and literals in tables of
/// their own. A node holds numbers only, so walking the row touches no reference count.
final class Program: Sendable {
    struct Node: BitwiseCopyable {
        enum Operation: UInt8 {
            /// The literal `a`.
            case literal
            /// The variable in slot `a`.
            case slot
            /// The variable of a macro in place `a`.
            case local
            /// The dotted name `a`.
            case path
            /// Field `b` of node `a`; `c` is 1 for `.?`.
            case select
            /// Whether node `a` has field `b`.
            case has
            /// Member `b` of node `a`; `c` is 1 for `[?]`.
            case index
            /// Function `a` of the `c` arguments from `b` on.
            case call
            /// Whether node `a` matches pattern `b`.
            case matches
            case negate, not
            case and, or
            /// Node `b` or `c`.
            case conditional
            case less, lessOrEqual, more, moreOrEqual, equal, unequal, isIn
            case add, subtract, multiply, divide, remainder
            /// The `c` members from `b` on.
            case list
            /// The `c` keys and values from `b` on, in turn.
            case map
            case comprehension
            /// Node `b` in place `a` while node `c` runs.
            case bind
            /// The same where node `b` is optional; a flat one.
            case optionalMap, optionalFlatMap
            /// The failure `a`.
            case fail
        }

        var operation: Operation
        var a: Int32 = 0
        var b: Int32 = 0
        var c: Int32 = 0
    }

    /// A dotted name of several readings, the longest first: `a.b.c` is the variable `a.b.c`, or `c` of `a.b`, or…
    struct Reading {
        let slot: Int
        let fields: [CELValue]
    }

    struct Comprehension {
        let kind: Syntax.Comprehension.Kind
        let range: Int32
        /// Places of the variables; the second is -1 where there is none.
        let first: Int
        let second: Int
        let condition: Int32?
        let result: Int32?
    }

    /// An argument, member or entry of a node, and whether it may be absent.
    struct Part: BitwiseCopyable {
        let node: Int32
        let isOptional: Bool
    }

    struct Tables {
        var nodes: [Node] = []
        /// Where in the text each node stands.
        var offsets: [Int32] = []
        var literals: [CELValue] = []
        /// The variables, by slot.
        var slots: [String] = []
        var paths: [[Reading]] = []
        /// Names of fields, as the keys they are.
        var fields: [CELValue] = []
        var functions: [Function] = []
        var patterns: [Pattern] = []
        var parts: [Part] = []
        var comprehensions: [Comprehension] = []
        var failures: [EvaluationError] = []
        /// Places the variables of macros need.
        var places = 0
    }

    let nodes: [Node]
    let literals: [CELValue]
    let tables: Tables
    let root: Int32

    init(_ tables: Tables, root: Int32) {
        nodes = tables.nodes
        literals = tables.literals
        self.tables = tables
        self.root = root
    }
}

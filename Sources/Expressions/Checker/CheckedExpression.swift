/// An expression whose types were found to fit.
package struct CheckedExpression: Sendable {
    /// What it gives.
    package var type: CELType { root.type }
    package let root: CheckedNode

    /// Every comparison in it, from the outside in and from left to right.
    package var comparisons: [CheckedComparison] {
        var found: [CheckedComparison] = []
        root.walk { node in
            guard case .operation(let sign) = node.kind, ["==", "!=", "<", "<=", ">", ">="].contains(sign) else { return }
            found.append(CheckedComparison(sign: sign, left: node.parts[0], right: node.parts[1], place: node.place))
        }
        return found
    }
}

/// Two sides of a comparison, each with its own place: what is judged by units of measure.
package struct CheckedComparison: Sendable {
    /// `==`, `!=`, `<`, `<=`, `>` or `>=`.
    package let sign: String
    package let left: CheckedNode
    package let right: CheckedNode
    /// Where the sign stands.
    package let place: SourcePlace
}

/// One construct of an expression, with its type.
package struct CheckedNode: Sendable {
    package enum Kind: Hashable, Sendable {
        case literal(CELValue)
        /// A variable, by the name it was declared under.
        case variable(String)
        /// A variable of a macro.
        case local(String)
        /// A field of the one part.
        case field(String)
        /// Whether the one part has the field.
        case presence(String)
        /// A member of the first part, named by the second.
        case index
        /// An operator's sign: `+`, `==`, `&&`, `!`, `in`, `?:`… over its parts.
        case operation(String)
        /// A function, by the name it is called by, over its arguments; a receiver is the first.
        case call(String)
        /// `all`, `exists`, `existsOne`, `map`, `filter`, `transformMap`, `transformMapEntry`, `bind`, `optMap`,
        /// `optFlatMap`, with the names of its variables: the range or value, then what runs over it.
        case macro(String, variables: [String])
        case list
        /// Keys and values in turn.
        case map
    }

    package let kind: Kind
    package let type: CELType
    package let place: SourcePlace
    package let parts: [CheckedNode]

    /// Visits this node, then those in it, from left to right.
    package func walk(_ visit: (CheckedNode) -> Void) {
        visit(self)
        for part in parts { part.walk(visit) }
    }

    /// The same node once all types are known.
    func settled(by inference: Inference) -> CheckedNode {
        CheckedNode(
            kind: kind, type: inference.settled(type), place: place, parts: parts.map { $0.settled(by: inference) })
    }
}

extension Expression {
    /// Finds what is wrong with the types of an expression before it ever runs.
    ///
    /// - Parameter variables: the variables there are; `dyn` for one whose type is not known. A dotted name may be one.
    /// - Throws: all mistakes, each at its place.
    package func check(_ variables: [String: CELType]) throws(ExpressionErrors) -> CheckedExpression {
        var checker = Checker(variables, functions, SourceLines(source))
        let root = checker.node(of: syntax)
        guard checker.mistakes.isEmpty else { throw ExpressionErrors(all: checker.mistakes) }
        return CheckedExpression(root: root.settled(by: checker.inference))
    }

    /// The same for a condition, which must be true or false.
    package func checkCondition(_ variables: [String: CELType]) throws(ExpressionErrors) -> CheckedExpression {
        let checked = try check(variables)
        guard checked.type == .bool || checked.type == .dyn else {
            let message = "it must be true or false, but gives a value of type \(checked.type)"
            throw ExpressionErrors(all: [ExpressionError(message: message, at: checked.root.place)])
        }
        return checked
    }
}

package import Expressions

/// Finds the sums and comparisons of an expression whose sides are of different units.
///
/// Readings are never converted: `level < pressure` in m and kPa compares two numbers that have nothing to do with each
/// other, and `m` and `cm` are no better. A number written in the expression takes whatever unit it stands beside; a
/// product or quotient is of a unit nobody names, and fits everywhere.
package struct UnitCheck {
    private static let keeping: Set<String> = [
        "abs", "math.abs", "math.ceil", "math.floor", "math.round", "math.trunc", "double", "int", "uint", "dyn", "value", "orValue",
        "optional.of", "optional.ofNonZeroValue", "reverse", "slice", "sort", "distinct", "flatten", "first", "last",
    ]
    private static let comparing: Set<String> = ["min", "max", "math.least", "math.greatest"]

    private let units: [String: String]
    private var scope: [(name: String, measure: Measure)] = []
    private(set) var mistakes: [ExpressionError] = []

    /// - Parameter units: of the variables; empty where there is none.
    package static func mistakes(in expression: CheckedExpression, units: [String: String]) -> [ExpressionError] {
        var check = UnitCheck(units: units)
        _ = check.measure(expression.root)
        return check.mistakes
    }

    /// The unit of what the expression gives; nil where it is not known or any would do.
    package static func unit(of expression: CheckedExpression, units: [String: String]) -> String? {
        var check = UnitCheck(units: units)
        guard case .unit(let unit) = check.measure(expression.root) else { return nil }
        return unit
    }

    private init(units: [String: String]) { self.units = units }

    private mutating func measure(_ node: CheckedNode) -> Measure {
        switch node.kind {
        case .literal: return .any
        case .variable(let name): return units[name].flatMap { $0.isEmpty ? nil : .unit($0) } ?? .unknown
        case .local(let name): return scope.last { $0.name == name }?.measure ?? .unknown
        case .field, .presence:
            for part in node.parts { _ = measure(part) }
            return .unknown
        case .index:
            let parts = node.parts.map { measure($0) }
            return parts.first ?? .unknown
        case .operation(let sign): return operation(sign, node)
        case .call(let name): return call(name, node)
        case .macro(let name, let variables): return macro(name, variables, node)
        case .list: return node.parts.map { measure($0) }.reduce(.any) { $0.joined($1) }
        case .map:
            let parts = node.parts.map { measure($0) }
            let values = parts.indices.filter { !$0.isMultiple(of: 2) }.map { parts[$0] }
            return values.reduce(.any) { $0.joined($1) }
        }
    }

    private mutating func operation(_ sign: String, _ node: CheckedNode) -> Measure {
        let parts = node.parts.map { measure($0) }
        switch sign {
        case "+" where parts.count == 2, "-" where parts.count == 2:
            return together(node, parts, "be \(sign == "+" ? "added" : "subtracted")")
        case "==", "!=", "<", "<=", ">", ">=", "in":
            _ = together(node, parts, "be compared")
            return .any
        case "-": return parts[0]
        case "?:": return parts[1].joined(parts[2])
        case "&&", "||", "!": return .any
        default: return .unknown
        }
    }

    private mutating func call(_ name: String, _ node: CheckedNode) -> Measure {
        let parts = node.parts.map { measure($0) }
        if Self.comparing.contains(name) { return together(node, parts, "be compared by \(name)()") }
        if Self.keeping.contains(name) { return parts.reduce(.any) { $0.joined($1) } }
        return .unknown
    }

    private mutating func macro(_ name: String, _ variables: [String], _ node: CheckedNode) -> Measure {
        let range = measure(node.parts[0])
        // Of two variables the first is a position or a key, which has no unit.
        let measures = variables.count == 2 ? [Measure.any, range] : [range]
        scope += zip(variables, measures).map { ($0, $1) }
        defer { scope.removeLast(min(variables.count, measures.count)) }
        let parts = node.parts.dropFirst().map { measure($0) }
        switch name {
        case "filter": return range
        case "map", "transformMap", "bind", "optMap", "optFlatMap": return parts.last ?? .unknown
        case "all", "exists", "existsOne": return .any
        default: return .unknown
        }
    }

    /// What several sides measure that must measure the same.
    private mutating func together(_ node: CheckedNode, _ parts: [Measure], _ deed: String) -> Measure {
        var whole = Measure.any
        for (index, part) in parts.enumerated() {
            if let (a, b) = whole.clash(with: part) {
                mistakes.append(ExpressionError(message: Self.sentence(node, parts, index, (a, b), deed), at: node.place))
                return .unknown
            }
            whole = whole.joined(part)
        }
        return whole
    }

    private static func sentence(
        _ node: CheckedNode, _ parts: [Measure], _ index: Int, _ units: (String, String), _ deed: String
    ) -> String {
        let before = parts[..<index].firstIndex { if case .unit = $0 { true } else { false } }
        guard let before, case .unit(let a) = parts[before], case .unit(let b) = parts[index] else {
            return "\(units.0) and \(units.1) cannot \(deed)"
        }
        return "\(described(node.parts[before])) in \(a) and \(described(node.parts[index])) in \(b) cannot \(deed)"
    }

    private static func described(_ node: CheckedNode) -> String {
        switch node.kind {
        case .variable(let name), .local(let name): "'\(name)'"
        default: "what is"
        }
    }
}

package import Expressions
import Telemetry

/// An expression of a rule over its inputs, compiled once.
package struct Formula: Sendable {
    /// What one evaluation may cost, in the units of `Meter`: more than a thousand times a usual condition, and a millisecond.
    package static let costLimit = 50_000

    /// The key it stands under: `when`.
    package let key: String
    private let expression: CompiledExpression
    /// What fills each slot of the expression; nil for one that nothing fills.
    private let fillings: [Inputs.Group?]

    /// - Parameter inputs: those it will be evaluated with.
    package init(key: String, expression: Expression, inputs: Inputs) {
        self.key = key
        self.expression = expression.compiled
        fillings = expression.slots.map { inputs.group(named: $0) }
    }

    package var source: String { expression.source }

    /// Its value for these inputs, or why that cannot be computed.
    /// - Parameter slots: memory to work in, the caller's to keep from one evaluation to the next.
    package func value(of values: Values, in slots: inout [CELValue?]) -> Result<CELValue, Shortfall> {
        if slots.count != fillings.count { slots = Array(repeating: nil, count: fillings.count) }
        for (slot, filling) in fillings.enumerated() {
            guard let filling else { continue }
            slots[slot] =
                filling.isList
                ? .list(values.values[filling.range].map(CELValue.init)) : CELValue(values.values[filling.range.lowerBound])
        }
        do throws(EvaluationError) {
            return .success(try expression.evaluate(slots: slots, limit: Self.costLimit))
        } catch {
            return .failure(Shortfall(formula: "'\(key)'", failed: "\(error) (\(values.words))"))
        }
    }
}

/// A formula that is true or false.
package struct Condition: Sendable {
    package let formula: Formula

    package init(_ formula: Formula) { self.formula = formula }

    package var key: String { formula.key }
    package var source: String { formula.source }

    /// Whether it holds for these inputs, or why that cannot be computed.
    package func holds(_ values: Values) -> Result<Bool, Shortfall> {
        var slots: [CELValue?] = []
        return holds(values, in: &slots)
    }

    /// The same in memory the caller keeps.
    package func holds(_ values: Values, in slots: inout [CELValue?]) -> Result<Bool, Shortfall> {
        switch formula.value(of: values, in: &slots) {
        case .failure(let shortfall): .failure(shortfall)
        case .success(.bool(let holds)): .success(holds)
        // Only what the checker could not type comes here.
        case .success:
            .failure(Shortfall(formula: "'\(key)'", failed: "it is neither true nor false (\(values.words))"))
        }
    }
}

extension CELValue {
    init(_ value: Value) {
        switch value {
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .uint(let value): self = .uint(value)
        case .double(let value): self = .double(value)
        case .string(let value): self = .string(value)
        }
    }
}

extension CELType {
    init(_ type: ValueType) {
        switch type {
        case .bool: self = .bool
        case .int: self = .int
        case .uint: self = .uint
        case .double: self = .double
        case .string: self = .string
        }
    }
}

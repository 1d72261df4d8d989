import Documents
package import Expressions
package import Telemetry

/// A sentence of a rule that is true or false, compiled.
package struct Condition: Sendable {
    /// The key it stands under: `when`.
    package let key: String
    package let expression: Expression

    package init(key: String, expression: Expression) {
        self.key = key
        self.expression = expression
    }

    package var source: String { expression.source }

    /// Whether it holds for these values, or why that cannot be computed.
    package func holds(_ values: Values) -> Result<Bool, Shortfall> {
        let answer: CELValue
        do throws(EvaluationError) {
            answer = try expression.evaluate { name in values[name].map(CELValue.init) }
        } catch {
            return .failure(Shortfall(condition: "'\(key)'", failed: "\(error) (\(values.words))"))
        }
        guard case .bool(let holds) = answer else {
            return .failure(Shortfall(condition: "'\(key)'", failed: "it is neither true nor false (\(values.words))"))
        }
        return .success(holds)
    }

    /// What is wrong with the condition's types, by trying it with values of these; nil if nothing was found.
    ///
    /// A try can prove that an answer is not a truth value or that types do not fit; an error of the values tried, such as a
    /// division by zero, proves nothing.
    package func misfit(types: [String: ValueType]) -> String? {
        for (number, flag) in [(1.0, true), (0.0, false), (7.0, true)] {
            let answer: CELValue
            do throws(EvaluationError) {
                answer = try expression.evaluate { name in types[name].map { CELValue(specimen: $0, number, flag) } }
            } catch {
                if case .noOverload = error { return "\(error)" }
                continue
            }
            guard case .bool = answer else { return "it must be true or false, but gives a value of type \(answer.typeName)" }
        }
        return nil
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

    fileprivate init(specimen type: ValueType, _ number: Double, _ flag: Bool) {
        switch type {
        case .bool: self = .bool(flag)
        case .int: self = .int(Int64(number))
        case .uint: self = .uint(UInt64(number))
        case .double: self = .double(number)
        case .string: self = .string("")
        }
    }
}

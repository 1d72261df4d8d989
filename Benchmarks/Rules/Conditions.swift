import BenchmarkCosts
import Expressions

/// A typical condition: three comparisons, two logical operators, five variables.
enum Conditions {
    private static let source = "a > b && c < d || e == 2.0"

    static func measure(_ count: Int) async throws {
        let expression = try Expression(source)
        var slots: [CELValue?] = expression.slots.map { _ in .double(1.5) }
        let (held, ours) = try await Costs.of {
            var held = 0
            for step in 0..<count {
                slots[0] = .double(Double(step & 3))
                if case .bool(true) = try expression.evaluate(slots: slots, limit: 50_000) { held += 1 }
            }
            return held
        }
        let (heldByHand, byHand) = await Costs.of {
            var held = 0
            for step in 0..<count {
                slots[0] = .double(Double(step & 3))
                if holds(slots) == true { held += 1 }
            }
            return held
        }
        precondition(held == heldByHand, "the two do not agree")
        let ratio = (ours.cpu / byHand.cpu).rounded(to: 1)
        print(padded(source, 34), "\(Int(Double(count) / ours.cpu)) conditions/s of one core")
        print(
            padded("the same by hand in Swift", 34),
            "\(Int(Double(count) / byHand.cpu)) conditions/s; Headgate takes \(ratio) times as long")
    }

    /// What someone would write who knows the condition and looks at every type, as a language without types must.
    @inline(never)
    private static func holds(_ slots: [CELValue?]) -> Bool? {
        guard case .double(let a) = slots[0], case .double(let b) = slots[1], case .double(let c) = slots[2],
            case .double(let d) = slots[3],
            case .double(let e) = slots[4]
        else { return nil }
        return a > b && c < d || e == 2.0
    }
}

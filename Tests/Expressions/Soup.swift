/// Random expressions that are well formed, though not always well typed.
enum Soup {
    private static let leaves = [
        "level", "count", "selector", "running", "mode", "levels", "pumps", "1", "2u", "0.5", "-3", "true", "'a'", "b'x'", "null",
        "[1, 2]", "{'a': 1}", "duration('90s')", "timestamp(0)", "[]", "9223372036854775807", "optional.of(1)", "1e308",
    ]
    private static let operators = ["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||", "in"]

    static func expression(_ random: inout some RandomNumberGenerator, depth: Int) -> String {
        guard depth > 0 else { return leaves.randomElement(using: &random) ?? "1" }
        let a = expression(&random, depth: depth - 1)
        let b = expression(&random, depth: depth - 1)
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return "(\(a) ? \(b) : \(b))"
        case 1: return "\(a).exists(x, x == \(b))"
        case 2: return "[\(a), \(b)].map(x, x)"
        case 3: return "size(\(a))"
        case 4: return "[\(a)][\(b)]"
        case 5: return "string(\(a))"
        case 6: return "\(a).filter(x, \(b))"
        case 7: return "!\(a)"
        case 8: return leaves.randomElement(using: &random) ?? "1"
        default: return "(\(a) \(operators.randomElement(using: &random) ?? "+") \(b))"
        }
    }
}

import BenchmarkCosts

/// What rules cost. Started by `Benchmarks/rules`.
@main
enum RulesBenchmark {
    static func main() async throws {
        switch CommandLine.arguments.dropFirst().first {
        case "conditions": try await Conditions.measure(20_000_000)
        case "county":
            print("10,000 rules, each over five points of one device; \(Costs.memory) MiB before")
            var county = try County(isScattered: false)
            await county.measure(30)
        case "scattered":
            print("10,000 rules, each over five points of five devices; \(Costs.memory) MiB before")
            var county = try County(isScattered: true)
            await county.measure(30)
        default: print("usage: rules-benchmark conditions|county|scattered")
        }
    }
}

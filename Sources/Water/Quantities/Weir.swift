/// A sharp-crested weir, by which the height of the water above its crest tells the flow.
enum Weir: Sendable, Hashable {
    /// Across the whole channel, in metres.
    case rectangular(width: Double)
    /// A notch of 90 degrees.
    case notch

    /// The flow in m³/s over a head in metres: 1.84·b·h^1.5 (Francis, without end contractions) and 1.38·h^2.5 (Thomson). Water
    /// below the crest does not flow.
    func flow(head: Double) -> Double {
        guard head > 0 else { return 0 }
        // `squareRoot` is the same to the last bit on every machine.
        switch self {
        case .rectangular(let width): return 1.84 * width * head * head.squareRoot()
        case .notch: return 1.38 * head * head * head.squareRoot()
        }
    }
}

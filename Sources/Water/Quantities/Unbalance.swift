/// The unbalance of three voltages as NEMA MG-1 defines it: the largest deviation from their mean, as a share of the mean.
///
/// A motor is designed for 1 %, is derated above that, and is not to be run above 5 %.
enum Unbalance {
    /// nil without voltage.
    static func share(of voltages: [Double]) -> Double? {
        guard !voltages.isEmpty else { return nil }
        let mean = voltages.reduce(0, +) / Double(voltages.count)
        guard mean > 0 else { return nil }
        return (voltages.map { ($0 - mean).magnitude }.max() ?? 0) / mean
    }
}

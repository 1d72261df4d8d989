/// What flows over an edge at which level: lines through measured points, after the Grundfos CU 362.
struct OverflowTable: Sendable {
    struct Line: Sendable, Hashable {
        let level: Double
        let flow: Double
    }

    /// At least two; levels rise, flows do not fall.
    let lines: [Line]

    /// Past the last point the last piece goes on, since an overflow that is higher than anyone measured is not smaller. Below the
    /// first there is none: the line drawn downwards would soon be a flow back into the well, and a table says where its edge is
    /// by beginning there.
    func flow(at level: Double) -> Double {
        guard let first = lines.first, level >= first.level, lines.count > 1 else { return 0 }
        let next = lines.firstIndex { $0.level > level } ?? lines.count - 1
        let (a, b) = (lines[next - 1], lines[next])
        return a.flow + (b.flow - a.flow) * (level - a.level) / (b.level - a.level)
    }
}

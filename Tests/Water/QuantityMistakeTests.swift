import Testing

/// Three bodies of rule files that derive quantities.
enum QuantityBodies {
    static let weir = """
        kind: weir
        inputs: { level: works/well/level-cm }
        shape: v-notch
        crest: 35
        derive: { point: works/well/weir-flow, unit: m3/h }
        """
    static let overflow = """
        kind: overflow
        inputs: { level: works/well/level-cm }
        table: [[1, 1], [10, 10]]
        rejoin: 90m
        derive:
          - { quantity: flow, point: works/well/overflow, unit: m3/h }
          - { quantity: volume, point: works/well/spilled, unit: m3 }
          - { quantity: count, point: works/well/overflows, type: int }
          - { quantity: overflowing, point: works/well/overflowing, type: bool }
          - { quantity: gaps, point: works/well/overflow-gaps, type: int }
        """
    static let total = """
        kind: total
        inputs: { rate: works/meter/flow }
        derive:
          - { quantity: total, point: works/meter/passed, unit: m3 }
          - { quantity: gaps, point: works/meter/passed-gaps, type: int }
        """
}

@Suite("Mistakes in a file of quantities")
struct QuantityMistakeTests {
    /// What is written in place of what, in which body, and what is said of it.
    private static let (weir, overflow, total) = (QuantityBodies.weir, QuantityBodies.overflow, QuantityBodies.total)
    private static let changes: [(part: String, change: String, body: String, sentence: String)] = [
        ("well/level-cm", "well/wet", weir, "'works/well/wet' cannot be 'level': it holds no number"),
        ("well/level-cm", "well/pressure", weir, "'works/well/pressure' is in kPa, and 'level' is a level, in m, cm or mm"),
        ("level:", "lvel:", weir, "'weir' has no input 'lvel'; did you mean 'level'?"),
        ("unit: m3/h", "unit: m3", weir, "'flow' cannot be in m3: write m3/s, m3/h, m3/d, L/s or L/min"),
        (", unit: m3/h", "", weir, "'flow' needs a unit: write m3/s, m3/h, m3/d, L/s or L/min"),
        ("v-notch", "rectangular", weir, "a rule needs 'width'"),
        ("crest: 35", "width: 2", weir, "a notch of 90° has no 'width'"),
        ("works/well/weir-flow", "works/well/level", weir, "'works/well/level' is read from its device, and cannot be derived as well"),
        ("[10, 10]]", "[1, 10]]", overflow, "the level 1 comes after 1: a table rises from point to point"),
        ("[10, 10]]", "[10, 0.5]]", overflow, "the flow 0.5 comes after 1: a table rises from point to point"),
        (", [10, 10]]", "]", overflow, "'table' must be a list of 2 to 100 points, each [level, flow]"),
        ("overflows, type: int", "overflows", overflow, "'count' is of type int: write it as 'type'"),
        ("quantity: count", "quantity: cout", overflow, "'quantity' cannot be 'cout'; did you mean 'count'?"),
        ("overflows, type: int", "overflows, type: int, unit: m", overflow, "'count' has no unit"),
        ("works/well/spilled", "works/well/overflow", overflow, "this point is derived by this rule twice"),
        ("works/meter/flow", "works/well/level", total, "'works/well/level' is in m, which is no rate: write such as m3/h or kW"),
        ("kind: total", "kind: total\ncounter: { bits: 16 }", total, "'counter' describes an input 'counter', and this total has none"),
        ("kind: total", "kind: totals", total, "there is no kind 'totals'; did you mean 'total'?"),
    ]

    @Test("each have their sentence", arguments: changes.indices)
    func wrong(index: Int) {
        let (part, change, body, sentence) = Self.changes[index]
        let found = Works.read(body.replacing(part, with: change)).mistakes
        #expect(found.contains { $0.hasPrefix(sentence) }, "\(found)")
    }
}

import Documents

/// Who is whose parent, by place in the list of definitions.
struct Family: Sendable {
    let places: [String: Int]
    let parent: [Int?]
    private(set) var children: [[Int]]
    /// How many parents each has above it.
    private var depth: [Int]

    init(_ definitions: [AlarmDefinition]) {
        let places = Dictionary(definitions.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        precondition(places.count == definitions.count, "two alarms of one name")
        let parent = definitions.map { definition in definition.parent.flatMap { places[$0] } }
        children = Array(repeating: [], count: definitions.count)
        depth = Array(repeating: 0, count: definitions.count)
        for index in definitions.indices {
            precondition((definitions[index].parent == nil) == (parent[index] == nil), "a parent that is not an alarm")
            if let parent = parent[index] { children[parent].append(index) }
            var above = parent[index]
            while let next = above {
                depth[index] += 1
                precondition(depth[index] <= definitions.count, "alarms that are each other's parents")
                above = parent[next]
            }
        }
        self.places = places
        self.parent = parent
    }

    /// Alarms sorted by how deep they stand.
    func levels(of concerned: Set<Int>) -> [Set<Int>] {
        var levels = [Set<Int>](repeating: [], count: (concerned.map { depth[$0] }.max() ?? -1) + 1)
        for index in concerned { levels[depth[index]].insert(index) }
        return levels
    }
}

extension AlarmDesk {
    func unknown(_ name: String, among known: some Sequence<String>) -> AlarmRefusal {
        .unknown(name, nearest: nearest(to: name, among: known))
    }
}

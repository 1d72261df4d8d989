import Glibc

/// The county's roads as a graph: every bend is a vertex, every straight piece an edge.
package struct RoadGraph: Sendable {
    package enum Grade: String, Sendable {
        case trunk, street, lane

        /// km/h that a lorry drives on it.
        package var limit: Double {
            switch self {
            case .trunk: 60
            case .street: 40
            case .lane: 35
            }
        }
    }

    /// A road before it is laid out: through which crossings it leads.
    struct Plan {
        let grade: Grade
        let title: String
        let crossings: [String]
        let isStraight: Bool

        init(_ grade: Grade, _ title: String, _ crossings: [String], isStraight: Bool = false) {
            self.grade = grade
            self.title = title
            self.crossings = crossings
            self.isStraight = isStraight
        }
    }

    package struct Road: Sendable {
        package let grade: Grade
        package let title: String
        package let vertices: [Int]
    }

    package struct Edge: Sendable {
        package let to: Int
        /// m.
        package let length: Double
        /// m/s.
        package let limit: Double
    }

    package private(set) var vertices: [Place] = []
    package private(set) var roads: [Road] = []
    package private(set) var edges: [[Edge]] = []
    private var named: [String: Int] = [:]

    /// No straight piece is much longer than this, m.
    private static let piece = 340.0

    init(crossings: [String: Place], roads plans: [Plan]) {
        for (index, plan) in plans.enumerated() {
            var line: [Int] = []
            for (from, to) in zip(plan.crossings, plan.crossings.dropFirst()) {
                guard let from = vertex(named: from, crossings), let to = vertex(named: to, crossings) else { continue }
                let bends = index % 5 == 2 ? 1 : index % 5 - 2
                let between = plan.isStraight ? [] : lay(from, to, bend: Double(bends) * 0.02)
                line += (line.isEmpty ? [from] : []) + between + [to]
            }
            for (from, to) in zip(line, line.dropFirst()) { join(from, to, plan.grade) }
            roads.append(Road(grade: plan.grade, title: plan.title, vertices: line))
        }
    }

    /// The crossing of that name.
    package func vertex(_ name: String) -> Int? { named[name] }

    package func edge(from: Int, to: Int) -> Edge? { edges[from].first { $0.to == to } }

    private mutating func vertex(named name: String, _ crossings: [String: Place]) -> Int? {
        if let vertex = named[name] { return vertex }
        guard let place = crossings[name] else { return nil }
        let vertex = add(place)
        named[name] = vertex
        return vertex
    }

    private mutating func add(_ place: Place) -> Int {
        vertices.append(place.rounded)
        edges.append([])
        return vertices.count - 1
    }

    /// The vertices between two crossings, along a gentle S or arc: `bend` is its height over its length.
    private mutating func lay(_ from: Int, _ to: Int, bend: Double) -> [Int] {
        let (a, b) = (vertices[from], vertices[to])
        let length = a.distance(to: b)
        let count = Int((length / Self.piece).rounded(.up))
        guard count > 1 else { return [] }
        let (start, end) = (a.metres, b.metres)
        let (dx, dy) = (end.east - start.east, end.north - start.north)
        return (1..<count).map { step in
            let t = Double(step) / Double(count)
            let aside = bend * (sin(.pi * t) + 0.6 * sin(2 * .pi * t))
            return add(a.moved(east: dx * t - dy * aside, north: dy * t + dx * aside))
        }
    }

    private mutating func join(_ a: Int, _ b: Int, _ grade: Grade) {
        let length = vertices[a].distance(to: vertices[b])
        edges[a].append(Edge(to: b, length: length, limit: grade.limit / 3.6))
        edges[b].append(Edge(to: a, length: length, limit: grade.limit / 3.6))
    }
}

/// The quickest ways to one vertex from all others.
package struct Ways: Sendable {
    /// The next vertex on the way; nil at the goal itself and where no way leads there.
    package private(set) var next: [Int?]
    /// m still to go.
    package private(set) var remaining: [Double]

    /// Dijkstra's algorithm, weighing seconds; a few hundred vertices need no heap.
    ///
    /// - Parameter isOpen: whether a vertex may be driven over.
    package init(to goal: Int, on graph: RoadGraph, isOpen: (Int) -> Bool) {
        let count = graph.vertices.count
        next = Array(repeating: nil, count: count)
        remaining = Array(repeating: .infinity, count: count)
        var seconds = Array(repeating: Double.infinity, count: count)
        var open = graph.vertices.indices.filter { isOpen($0) || $0 == goal }
        seconds[goal] = 0
        remaining[goal] = 0
        while let place = open.indices.min(by: { seconds[open[$0]] < seconds[open[$1]] }) {
            let here = open[place]
            open.swapAt(place, open.count - 1)
            open.removeLast()
            guard seconds[here] < .infinity else { break }
            for edge in graph.edges[here] where isOpen(edge.to) {
                let time = seconds[here] + edge.length / edge.limit
                guard time < seconds[edge.to] else { continue }
                seconds[edge.to] = time
                next[edge.to] = here
                remaining[edge.to] = remaining[here] + edge.length
            }
        }
    }
}

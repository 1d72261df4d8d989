import Telemetry

/// Who reads what others derive: the order in which judges are asked, and the circles that make it impossible.
struct Dependencies {
    /// Every judge, each after those whose points it reads; else as given.
    private(set) var order: [Int] = []
    /// The points of each circle found, the first one again at the end.
    private(set) var circles: [[PointID]] = []

    private enum Mark { case new, open, done }

    init(of judges: [any Judge]) {
        var makers: [PointID: Int] = [:]
        for (index, judge) in judges.enumerated() {
            if let point = judge.derives?.point { makers[point] = index }
        }
        guard !makers.isEmpty else {
            order = Array(judges.indices)
            return
        }
        let sources = judges.map { judge in judge.points.compactMap { makers[$0] } }
        var marks = Array(repeating: Mark.new, count: judges.count)
        order.reserveCapacity(judges.count)
        for start in judges.indices where marks[start] == .new {
            // A path of one's own instead of recursion: a chain of derived points may be as long as its author likes.
            var path: [(judge: Int, next: Int)] = [(start, 0)]
            marks[start] = .open
            while let last = path.last {
                guard last.next < sources[last.judge].count else {
                    marks[last.judge] = .done
                    order.append(last.judge)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let source = sources[last.judge][last.next]
                switch marks[source] {
                case .new:
                    marks[source] = .open
                    path.append((source, 0))
                case .open:
                    let circle = path.drop { $0.judge != source }.map(\.judge) + [source]
                    circles.append(circle.compactMap { judges[$0].derives?.point })
                case .done: break
                }
            }
        }
    }
}

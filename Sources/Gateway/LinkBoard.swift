import Acquisition
import Synchronization

/// The latest edge of every link, for the console.
final class LinkBoard: Sendable {
    private let edges = Mutex<[String: LinkEdge]>([:])

    func note(_ edge: LinkEdge) { edges.withLock { $0[edge.name] = edge } }

    var all: [LinkEdge] { edges.withLock { $0.values.sorted { $0.name < $1.name } } }
}

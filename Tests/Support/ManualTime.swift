import Synchronization
package import Telemetry

/// Time that a test moves by hand. Whoever sleeps is woken in the order of the deadlines, at the deadline exactly.
package final class ManualTime: TimeSource {
    private struct Sleeper {
        let id: Int
        let deadline: Monotonic
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Moment
        var sleepers: [Sleeper] = []
        var arrivals: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var nextID = 0
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    /// - Parameter start: 2026-06-21T00:00:00Z, the first day of the plum rains, unless told.
    package init(start: Timestamp = Timestamp(milliseconds: 1_782_000_000_000)) {
        state = Mutex(State(now: Moment(monotonic: .zero, wall: start)))
    }

    package func now() -> Moment { state.withLock { $0.now } }

    package func sleep(until deadline: Monotonic) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let (outcome, arrived): (Result<Void, any Error>?, [CheckedContinuation<Void, Never>]) = state.withLock { state in
                    if state.cancelled.remove(id) != nil || Task.isCancelled { return (.failure(CancellationError()), []) }
                    if deadline <= state.now.monotonic { return (.success(()), []) }
                    state.sleepers.append(Sleeper(id: id, deadline: deadline, continuation: continuation))
                    let count = state.sleepers.count
                    let arrived = state.arrivals.filter { $0.count <= count }.map(\.continuation)
                    state.arrivals.removeAll { $0.count <= count }
                    return (nil, arrived)
                }
                for waiting in arrived { waiting.resume() }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let sleeper: Sleeper? = state.withLock { state in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Waits until so many tasks have gone to sleep.
    package func sleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.arrivals.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Waits until someone sleeps, then moves the clocks by a span, waking everyone whose deadline falls in it in order.
    package func advance(by span: Duration, sleepers count: Int = 1) async {
        await sleepers(count)
        let target = now().monotonic + span
        while let woken = wakeNext(until: target) {
            woken.resume()
            for _ in 0..<20 { await Task.yield() }
        }
    }

    /// Moves the wall clock alone, as NTP or a person would.
    package func stepWall(by span: Duration, trusted: Bool = true) {
        state.withLock { state in
            state.now = Moment(
                monotonic: state.now.monotonic, wall: state.now.wall.advanced(by: span), isTrusted: trusted)
        }
    }

    /// The next whose deadline has come; nil once nobody's has, and then the target is now. Under one lock, or someone could
    /// go to sleep in between for a time that is over.
    private func wakeNext(until target: Monotonic) -> CheckedContinuation<Void, any Error>? {
        state.withLock { state in
            let next = state.sleepers.indices.min {
                (state.sleepers[$0].deadline, state.sleepers[$0].id) < (state.sleepers[$1].deadline, state.sleepers[$1].id)
            }
            let due = next.flatMap { state.sleepers[$0].deadline <= target ? $0 : nil }
            let moment = due.map { state.sleepers[$0].deadline } ?? target
            if moment > state.now.monotonic { state.now = state.now.advanced(by: moment - state.now.monotonic) }
            return due.map { state.sleepers.remove(at: $0).continuation }
        }
    }
}

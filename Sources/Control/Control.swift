package import Telemetry

/// The shell around the `Arbiter`: carries its writes to the field and its events to the journal, and wakes it in time.
///
/// Nothing waits for the field here: a want is heard, and an observation taken, while a write to a dead device runs out.
package actor Control {
    private struct Write: Sendable {
        let id: CommandID
        let point: PointID
        let value: Value
    }

    private var arbiter: Arbiter
    private let actuator: any Actuator
    private let time: any TimeSource
    private let record: @Sendable (Event) -> Void
    private let watched: Set<PointID>
    /// Decided, and not yet on its way. At most one for each point.
    private var queue: [Write] = []
    /// Says that there is something in the queue.
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    /// How often the timer looks, at least. Deadlines are set a second ahead or more, so it meets them on time.
    private static let pulse = Duration.seconds(1)
    /// How long a stop may take, but for the last write of each point, which the actuator bounds.
    private static let farewell = Duration.seconds(5)

    package init(
        plans: [ActuatorPlan], directory: Directory, actuator: any Actuator, time: any TimeSource,
        record: @escaping @Sendable (Event) -> Void
    ) {
        arbiter = Arbiter(actuators: plans, directory: directory)
        watched = arbiter.watched
        self.actuator = actuator
        self.time = time
        self.record = record
        (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package var counters: Counters { arbiter.counters }

    package func want(_ want: Want) { perform(arbiter.want(want, at: time.now())) }

    /// Costs next to nothing for a batch without a point of ours, which most are.
    package nonisolated func observe(_ batch: Batch) async {
        guard batch.samples.contains(where: { watched.contains($0.point) }) else { return }
        await take(batch)
    }

    private func take(_ batch: Batch) { perform(arbiter.observe(batch)) }

    package func explain(_ point: PointID) -> String { arbiter.explain(point, at: time.now()) }

    /// Carries out writes and keeps time until cancelled. To be run once; what is still to be written then waits for `stop`.
    package func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepTime() }
            for await _ in bell {
                while !queue.isEmpty {
                    let write = queue.removeFirst()
                    group.addTask { await self.carryOut(write) }
                }
            }
            group.cancelAll()
        }
        try Task.checkCancellation()
    }

    /// Lets go of everything automatic and returns once the safe values are written, or after a few seconds of trying.
    package func stop() async {
        // A task of its own: whoever stops us is most often cancelled itself, and a cancelled write leaves a pump running.
        await Task { await bringToSafety() }.value
    }

    private func bringToSafety() async {
        perform(arbiter.stop(at: time.now()))
        let deadline = time.now().monotonic + Self.farewell
        while true {
            await withTaskGroup(of: Void.self) { group in
                while !queue.isEmpty {
                    let write = queue.removeFirst()
                    group.addTask { await self.carryOut(write) }
                }
            }
            let now = time.now().monotonic
            guard arbiter.isBusy, now < deadline, await slept(until: now + .milliseconds(100)) else { return }
            perform(arbiter.tick(at: time.now()))
        }
    }

    private func perform(_ actions: [Action]) {
        for action in actions {
            switch action {
            case .record(let event): record(event)
            case .write(let id, let point, let value): queue.append(Write(id: id, point: point, value: value))
            }
        }
        if !queue.isEmpty { ring.yield() }
    }

    private func carryOut(_ write: Write) async {
        let outcome = await actuator.write(write.value, to: write.point)
        perform(arbiter.wrote(write.id, outcome, at: time.now()))
    }

    private func keepTime() async {
        var wake: Monotonic
        repeat {
            // One reading of the clock for both: what falls due between two would be slept over.
            let moment = time.now()
            let now = moment.monotonic
            perform(arbiter.tick(at: moment))
            wake = max(min(arbiter.nextWake ?? now + Self.pulse, now + Self.pulse), now + .milliseconds(10))
        } while await slept(until: wake)
    }

    /// Whether the time came before a cancellation did.
    private func slept(until deadline: Monotonic) async -> Bool {
        do {
            try await time.sleep(until: deadline)
            return true
        } catch {
            return false
        }
    }
}

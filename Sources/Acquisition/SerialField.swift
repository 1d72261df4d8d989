import Modbus
import ModbusTransport
import Telemetry

/// One serial line, on a thread of its own: a line is slow, and blocking there harms nobody.
actor SerialField {
    private let executor: ThreadExecutor
    private let time: any TimeSource
    private let sink: Sink
    private let line: SerialLine
    private var poller: LinkPoller
    private var writers: [WriteID: CheckedContinuation<WriteResult, Never>] = [:]
    private var isPumping = false
    private var isStopped = false
    /// Until when `run` sleeps.
    private var asleep = Monotonic.zero

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ plan: LinkPlan, line: sending SerialLine, time: any TimeSource, seed: UInt64, sink: Sink) {
        executor = ThreadExecutor(name: String(plan.name.prefix(15)))
        self.time = time
        self.sink = sink
        self.line = line
        poller = LinkPoller(plan, seed: seed, at: time.now().monotonic)
    }

    var statistics: AcquisitionStatistics {
        AcquisitionStatistics(requests: poller.requests, missedTicks: poller.missedTicks)
    }

    var deviceStates: [(device: DeviceID, state: DeviceState)] { poller.deviceStates }

    func run() async throws {
        defer { stop() }
        while !Task.isCancelled {
            carryOut(poller.due(at: time.now()))
            await pump()
            asleep = poller.nextWake
            try await time.sleep(until: asleep)
        }
    }

    func write(_ value: Value, to point: PointID, id: WriteID) async -> WriteResult {
        guard !isStopped else { return .failed("polling has stopped") }
        return await withCheckedContinuation { continuation in
            writers[id] = continuation
            carryOut(poller.write(value, to: point, id: id, at: time.now()))
            if !isPumping {
                // Not awaited: the result arrives through the continuation, and the line outlives no write.
                Task { await attend() }
            }
        }
    }

    /// Sends a write, and does what follows from it before `run` wakes.
    private func attend() async {
        await pump()
        while !isStopped, poller.nextWake < asleep {
            do { try await time.sleep(until: poller.nextWake) } catch { return }
            guard !isStopped else { return }
            carryOut(poller.due(at: time.now()))
            await pump()
        }
    }

    /// Sends all that waits. Between two requests it steps aside, so that a write overtakes the sweep.
    private func pump() async {
        guard !isPumping else { return }
        isPumping = true
        defer { isPumping = false }
        while !Task.isCancelled, let outgoing = poller.next() {
            let result: Result<Response, ModbusError>
            do throws(ModbusError) {
                result = .success(try line.perform(outgoing.request, unit: outgoing.unit, timeout: outgoing.timeout))
            } catch {
                result = .failure(error)
            }
            carryOut(poller.answered(outgoing.ticket, result, at: time.now()))
            if case .failure(.disconnected(let reason)) = result {
                line.close()
                carryOut(poller.disconnected(reason, at: time.now()))
            }
            await Task.yield()
        }
    }

    private func open() {
        do throws(ModbusError) {
            try line.open()
            carryOut(poller.connected(at: time.now()))
        } catch {
            carryOut(poller.disconnected("\(error)", at: time.now()))
        }
    }

    private func stop() {
        isStopped = true
        line.close()
        for (_, writer) in writers { writer.resume(returning: .failed("the gateway is stopping")) }
        writers = [:]
    }

    private func carryOut(_ outputs: [LinkPoller.Output]) {
        for output in outputs {
            switch output {
            case .connect: open()
            case .batch(let batch):
                sink.batch(batch)
                sink.turn()
            case .event(let event): sink.event(event)
            case .link(let edge): sink.link(edge)
            case .wrote(let id, let result): writers.removeValue(forKey: id)?.resume(returning: result)
            }
        }
    }
}

import Modbus
import NIOCore
import NIOPosix
import Synchronization
import Telemetry

@testable import Acquisition

/// All that leaves the field, and a way to wait for some of it.
final class FieldRecorder: Sendable {
    struct Heard: Sendable {
        /// The latest of each point.
        var readings: [Int: Reading] = [:]
        var events: [Event] = []
        var edges: [LinkEdge] = []

        /// What people were told of a link or a device.
        func told(of name: String) -> [String] {
            events.filter { $0.subject == name }.map(\.text) + edges.filter { $0.name == name }.map(\.reason)
        }
    }

    private let state = Mutex<(heard: Heard, waiting: [Int: AsyncStream<Void>.Continuation], count: Int)>((Heard(), [:], 0))

    var heard: Heard { state.withLock { $0.heard } }

    var sink: Sink {
        Sink(
            batch: { [self] batch in
                change { for sample in batch.samples { $0.readings[sample.point.index] = sample.reading } }
            },
            event: { [self] event in change { $0.events.append(event) } },
            link: { [self] edge in change { $0.edges.append(edge) } })
    }

    private func change(_ body: (inout Heard) -> Void) {
        let waiting = state.withLock { state in
            body(&state.heard)
            return Array(state.waiting.values)
        }
        for outlet in waiting { outlet.yield() }
    }

    /// Forgets what was told, not the readings.
    func forget() {
        change { heard in
            heard.events = []
            heard.edges = []
        }
    }

    /// Waits until it is so. False if the test's time was up before.
    func until(_ isSo: (Heard) -> Bool) async -> Bool {
        let (changes, outlet) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.count += 1
            state.waiting[state.count] = outlet
            return state.count
        }
        defer { state.withLock { $0.waiting[id] = nil } }
        var iterator = changes.makeAsyncIterator()
        repeat {
            if isSo(heard) { return true }
        } while await iterator.next() != nil
        return false
    }
}

/// Runs these links for as long as the body takes.
func running(
    _ links: [LinkPlan], _ body: (Acquisition, FieldRecorder) async throws -> Void
) async throws {
    let recorder = FieldRecorder()
    let acquisition = try await Acquisition(
        links: links, brokers: [], on: MultiThreadedEventLoopGroup.singleton.next(), clientID: "test", time: SystemTime(), seed: 1,
        sink: recorder.sink)
    try await withThrowingTaskGroup { group in
        group.addTask { try await acquisition.run() }
        defer { group.cancelAll() }
        try await body(acquisition, recorder)
    }
}

extension LinkPlan {
    /// A link with one device, `site/NAME`, unit 1, and one register, 7 where all is well.
    static func single(
        _ name: String, _ medium: Medium, point: Int, every: Duration = .milliseconds(200), timeout: Duration = .milliseconds(400)
    ) -> LinkPlan {
        let device = PolledDevice(
            id: DeviceID(index: point), name: "site/\(name)", unit: UnitID(1), points: [PolledPoint(0, id: point, every: every)])
        return LinkPlan(name: name, medium: medium, timeout: timeout, devices: [device])
    }
}

/// A port that nobody listens on just now.
func freePort() async throws -> Int {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
    let port = channel.localAddress?.port ?? 0
    try await channel.close()
    return port
}

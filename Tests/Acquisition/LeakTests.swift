import FoundationEssentials
import Modbus
import ModbusTransport
import NIOCore
import NIOPosix
import Synchronization
import Telemetry
import Testing

@testable import Acquisition

/// What the system counts of this process.
private struct Usage: CustomStringConvertible {
    let files: Int
    let threads: Int
    /// Resident, in MB.
    let megabytes: Int

    init() {
        func count(_ folder: String) -> Int { (try? FileManager.default.contentsOfDirectory(atPath: folder).count) ?? 0 }
        files = count("/proc/self/fd")
        threads = count("/proc/self/task")
        let words = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        megabytes = words.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { ($0 * 4096) >> 20 } ?? 0
    }

    var description: String { "\(files) files, \(threads) threads, \(megabytes) MB" }

    /// Sockets are closed and threads end a little after they are told to: waits until their numbers stay the same.
    static func settled() async -> Usage {
        var (now, past) = (Usage(), Usage?.none)
        for _ in 0..<100 where past.map({ $0.files != now.files || $0.threads != now.threads }) ?? true {
            try? await Task.sleep(for: .milliseconds(100))
            (past, now) = (now, Usage())
        }
        return now
    }

    /// Waits until there are no more of them than that.
    static func settled(to before: Usage) async -> Usage {
        var now = Usage()
        for _ in 0..<500 where now.files > before.files || now.threads > before.threads {
            try? await Task.sleep(for: .milliseconds(20))
            now = Usage()
        }
        return now
    }
}

private let isLong = ProcessInfo.processInfo.environment["HEADGATE_LONG"] != nil

/// In processes of their own, since other tests open files and threads as well.
@Suite("Devices that die and return, over real sockets", .timeLimit(.minutes(isLong ? 30 : 3)))
struct LeakTests {
    /// More room than any of it should need, and far less than a leak of all of it would take.
    private static let room = 24

    @Test("thousands of connections that end in every way leave no file, no thread and no memory behind")
    func links() async {
        await #expect(processExitsWith: .success) {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
            var random = SeededRandom(seed: 1)
            let peers = [try await ScriptedPeer(.tcp, on: group), try await ScriptedPeer(.rtu, on: group)]
            let ports = peers.map(\.port)
            try await Self.lives(100, ports, peers, &random)
            let before = Usage()
            try await Self.lives(isLong ? 60_000 : 3000, ports, peers, &random)
            let after = await Usage.settled(to: before)
            #expect(after.files <= before.files && after.threads <= before.threads, "\(before) before, \(after) after")
            #expect(after.megabytes <= before.megabytes + Self.room, "\(before) before, \(after) after")
        }
    }

    /// Connections one after another, two at a time, each ended in one of these ways.
    private static func lives(
        _ count: Int, _ ports: [Int], _ peers: [ScriptedPeer], _ random: inout SeededRandom
    ) async throws {
        let ends: [(ScriptedPeer.Manner, ScriptedPeer.Deed)] = [
            (ScriptedPeer.right, .nothing), ({ _ in .resets }, .nothing), ({ _ in .closes }, .nothing), ({ _ in .nothing }, .nothing),
            ({ _ in .closesHalf }, .nothing), ({ _ in .says([0xDE, 0xAD, 0xBE, 0xEF, 1, 2, 3]) }, .nothing),
            (ScriptedPeer.right, .resets), (ScriptedPeer.right, .closes),
        ]
        for _ in 0..<(count / 2) {
            for peer in peers {
                guard let end = ends.randomElement(using: &random) else { continue }
                peer.set(end.0, greeting: end.1)
            }
            async let tcp: Void = life(port: ports[0], .tcp)
            async let rtu: Void = life(port: ports[1], .rtu)
            _ = try await (tcp, rtu)
        }
    }

    /// One connection: made, asked something, closed by whoever comes first.
    private static func life(port: Int, _ framing: Asked.Framing) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let ended = loop.makePromise(of: Void.self)
        loop.execute {
            let link: any StreamLink =
                framing == .tcp
                ? TCPLink(host: "127.0.0.1", port: port, on: loop, connectTimeout: .seconds(5))
                : RTUOverTCPLink(host: "127.0.0.1", port: port, on: loop, connectTimeout: .seconds(5))
            link.onStateChange = { state in
                guard case .connected = state else {
                    link.onStateChange = nil
                    return ended.succeed()
                }
                link.send(.read(.holding, address: 0, count: 2), to: UnitID(1), timeout: .milliseconds(2)) { _ in link.close() }
                link.flush()
            }
            link.connect()
        }
        try await ended.futureResult.get()
    }

    @Test("a field whose devices are reset, hung up on, silent and refused, a fifth at a time, reads all of them again and holds no more")
    func field() async {
        await #expect(processExitsWith: .success) {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            var random = SeededRandom(seed: 1)
            var peers: [ScriptedPeer] = []
            var plans: [LinkPlan] = []
            for index in 0..<60 {
                let peer = try await ScriptedPeer(index % 2 == 0 ? .tcp : .rtu, on: group)
                let medium: LinkPlan.Medium =
                    index % 2 == 0 ? .tcp(host: "127.0.0.1", port: peer.port) : .rtuOverTCP(host: "127.0.0.1", port: peer.port)
                plans.append(.single("d\(index)", medium, point: index, every: .milliseconds(500), timeout: .seconds(1)))
                peers.append(peer)
            }
            // Whatever is made once and kept is made.
            try await running([plans[0], plans[1]]) { _, recorder in #expect(await recorder.until { $0.readings.count == 2 }) }
            let before = await Usage.settled()
            try await running(plans) { _, recorder in
                let indices = plans.indices
                #expect(await recorder.until { heard in indices.allSatisfy { heard.readings[$0] == .good(.int(7)) } })
                let up = Usage()
                var deaths = 0
                for _ in 0..<(isLong ? 100 : 3) {
                    let dying = indices.filter { _ in Int.random(in: 0..<5, using: &random) == 0 }
                    deaths += dying.count
                    for index in dying { Self.kill(peers[index], &random) }
                    #expect(await recorder.until { heard in dying.allSatisfy { heard.readings[$0] == .bad(.commFailure) } })
                    for index in dying { peers[index].set(ScriptedPeer.right) }
                    #expect(await recorder.until { heard in indices.allSatisfy { heard.readings[$0] == .good(.int(7)) } })
                    recorder.forget()
                }
                let after = await Usage.settled(to: up)
                #expect(after.files <= up.files && after.threads <= up.threads, "\(up) up, \(after) after \(deaths) deaths")
                #expect(after.megabytes <= up.megabytes + Self.room, "\(up) up, \(after) after \(deaths) deaths")
            }
            let end = await Usage.settled(to: before)
            #expect(end.files <= before.files && end.threads <= before.threads, "\(before) before, \(end) at the end")
        }
    }

    private static func kill(_ peer: ScriptedPeer, _ random: inout SeededRandom) {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: peer.set({ _ in .resets }, greeting: .resets)
        case 1: peer.set({ _ in .closes }, greeting: .closes)
        case 2: peer.set({ _ in .closesHalf })
        default: peer.set({ _ in .nothing })
        }
    }

    @Test("lines and the ports that DTUs dial are given back when the field ends, thirty times")
    func ends() async {
        await #expect(processExitsWith: .success) {
            let port = try await freePort()
            func once() async throws {
                let server = ModbusServer { unit, pdu in
                    .pdu(Asked(framing: .rtu, transaction: 0, unit: unit, pdu: pdu).right)
                }
                let line = LinkPlan.Medium.serial(path: try server.serveRTU(), baud: 115_200, parity: "N", stopBits: 1)
                let call = LinkPlan.Medium.rtuListen(host: "127.0.0.1", port: port, caller: .packet([1, 2, 3]))
                try await running([.single("line", line, point: 0), .single("call", call, point: 1)]) { _, recorder in
                    #expect(await recorder.until { !$0.edges.isEmpty && $0.readings[0] == .good(.int(7)) })
                    try server.dialAsDTU(port: port, registration: [1, 2, 3])
                    #expect(await recorder.until { $0.readings[1] == .good(.int(7)) })
                }
                server.stop()
            }
            for _ in 0..<3 { try await once() }
            let before = Usage()
            for _ in 0..<(isLong ? 300 : 30) { try await once() }
            let after = await Usage.settled(to: before)
            #expect(after.files <= before.files && after.threads <= before.threads, "\(before) before, \(after) after")
            #expect(after.megabytes <= before.megabytes + Self.room, "\(before) before, \(after) after")
        }
    }
}

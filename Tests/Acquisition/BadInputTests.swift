import FoundationEssentials
import Modbus
import ModbusTransport
import Synchronization
import Telemetry
import Testing

@testable import Acquisition

private final class Counter: Sendable {
    private let count = Atomic(0)

    /// From one.
    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

/// Something a device does instead of answering rightly.
private struct Fault: Sendable {
    let name: String
    /// What people are told of the link or the device, or a part of it; nil where the readings alone say it.
    var told: String?
    let isForTCP: Bool
    let isForRTU: Bool
    /// What a device refuses by its addresses is left out, and tried again after a minute (`LearningTests`).
    let isLearned: Bool
    let manner: ScriptedPeer.Manner

    init(
        _ name: String, told: String?, tcp isForTCP: Bool = true, rtu isForRTU: Bool = true, learned isLearned: Bool = false,
        _ manner: @escaping ScriptedPeer.Manner
    ) {
        self.name = name
        self.told = told
        self.isForTCP = isForTCP
        self.isForRTU = isForRTU
        self.isLearned = isLearned
        self.manner = manner
    }

    private static let silence = "no answer in time"

    static let all: [Fault] =
        [
            Fault("mute", told: silence) { _ in .nothing },
            Fault("half-a-frame", told: silence, rtu: false) { .says(Array($0.frame($0.right).dropLast(2))) },
            Fault("half-a-frame", told: "not a valid answer", tcp: false) { .says(Array($0.frame($0.right).dropLast(3))) },
            Fault("one-byte", told: silence, rtu: false) { .says(Array($0.frame($0.right).prefix(1))) },
            Fault("one-byte", told: "not a valid answer", tcp: false) { .says(Array($0.frame($0.right).prefix(1))) },
            Fault("another-transaction", told: "lost", rtu: false) { .says($0.frame($0.right, transaction: $0.transaction ^ 0x5555)) },
            Fault("another-unit", told: "unit 2 instead of 1", rtu: false) { .says($0.frame($0.right, unit: 2)) },
            Fault("another-unit", told: "answered for unit 1", tcp: false) { .says($0.frame($0.right, unit: 2)) },
            Fault("another-function", told: "not a valid answer") { .says($0.frame([4] + $0.right.dropFirst())) },
            Fault("anothers-question", told: "not a valid answer") { .says($0.frame([3, 4, 0, 7, 0, 8])) },
            Fault("a-request-echoed", told: "not a valid answer") { .says($0.frame($0.pdu)) },
            Fault("another-protocol", told: "protocol", rtu: false) { asked in
                var bytes = asked.frame(asked.right)
                bytes[3] = 1
                return .says(bytes)
            },
            Fault("endless-length", told: "length", rtu: false) { asked in
                var bytes = asked.frame(asked.right)
                bytes[4] = 0xFF
                return .says(bytes)
            },
            Fault("wrong-check-sum", told: "not a valid answer", tcp: false) { asked in
                var bytes = asked.frame(asked.right)
                bytes[bytes.count - 1] ^= 0xFF
                return .says(bytes)
            },
            flood("flood", told: "protocol 21845", rtu: false, count: 70_000),
            flood("flood", told: "a flood of bytes without an answer", tcp: false, count: 70_000),
            Fault("hangs-up", told: "the device closed the connection") { _ in .closes },
            Fault("breaks-off", told: "the device broke the connection") { _ in .resets },
        ] + exceptions

    /// Nothing for the first question, everything at once for the next.
    static func flood(_ name: String, told: String, tcp: Bool = true, rtu: Bool = true, count: Int) -> Fault {
        let questions = Counter()
        return Fault(name, told: told, tcp: tcp, rtu: rtu) { _ in
            questions.next() == 1 ? .nothing : .says([UInt8](repeating: 0x55, count: count))
        }
    }

    /// A refusal of the addresses is told by its register, one of a gateway as silence; the others are in the readings.
    private static let exceptions = (Array(1...11) + [0x63, 0xFF] as [UInt8]).map { code in
        let told: [UInt8: String] = [
            2: "refuses holding registers 0", 3: "refuses holding registers 0", 10: "gateway path unavailable (exception 10)",
            11: "gateway target device failed to respond (exception 11)",
        ]
        return Fault("exception-\(code)", told: told[code], learned: code == 2 || code == 3) {
            .says($0.frame(PDU.exception(code, to: $0.pdu.first ?? 0)))
        }
    }
}

/// A link to a device that can be told to misbehave.
private struct Trial: Sendable {
    let fault: Fault
    let plan: LinkPlan
    let set: @Sendable (@escaping ScriptedPeer.Manner) -> Void

    func isTold(in heard: FieldRecorder.Heard) -> Bool {
        guard let told = fault.told else { return true }
        return (heard.told(of: plan.name) + heard.told(of: "site/\(plan.name)")).contains { $0.contains(told) }
    }
}

@Suite("A device that misbehaves", .timeLimit(.minutes(1)))
struct BadInputTests {
    /// All are well, all misbehave, all are well again; each of their points follows, and people are told the cause.
    private func run(_ trials: [Trial]) async throws {
        let good = Dictionary(uniqueKeysWithValues: trials.indices.map { ($0, Reading.good(.int(7))) })
        try await running(trials.map(\.plan)) { _, recorder in
            #expect(await recorder.until { $0.readings == good })
            recorder.forget()
            for trial in trials { trial.set(trial.fault.manner) }
            for (index, trial) in trials.enumerated() {
                let isBad = await recorder.until { $0.readings[index] == .bad(.commFailure) && trial.isTold(in: $0) }
                let told = recorder.heard.told(of: trial.plan.name) + recorder.heard.told(of: "site/\(trial.plan.name)")
                #expect(isBad, "\(trial.fault.name): \(told)")
            }
            for trial in trials { trial.set(ScriptedPeer.right) }
            let isBack = await recorder.until { Self.missing(good, trials, in: $0).isEmpty }
            #expect(isBack, "\(Self.missing(good, trials, in: recorder.heard))")
        }
    }

    /// Whose points are not good again that should be.
    private static func missing(_ good: [Int: Reading], _ trials: [Trial], in heard: FieldRecorder.Heard) -> [String] {
        trials.enumerated().filter { !$1.fault.isLearned && heard.readings[$0] != good[$0] }.map(\.element.fault.name)
    }

    private func trials(over framing: Asked.Framing) async throws -> (trials: [Trial], peers: [ScriptedPeer]) {
        var peers: [ScriptedPeer] = []
        var trials: [Trial] = []
        for fault in Fault.all where framing == .tcp ? fault.isForTCP : fault.isForRTU {
            let peer = try await ScriptedPeer(framing)
            let medium: LinkPlan.Medium =
                framing == .tcp ? .tcp(host: "127.0.0.1", port: peer.port) : .rtuOverTCP(host: "127.0.0.1", port: peer.port)
            let plan = LinkPlan.single(fault.name, medium, point: trials.count)
            trials.append(Trial(fault: fault, plan: plan) { peer.set($0) })
            peers.append(peer)
        }
        return (trials, peers)
    }

    @Test("over TCP is bad for a cause that is told, and good again when it behaves")
    func tcp() async throws {
        let (trials, peers) = try await trials(over: .tcp)
        try await run(trials)
        for peer in peers { try await peer.stop() }
    }

    @Test("over RTU on TCP is bad for a cause that is told, and good again when it behaves")
    func rtuOverTCP() async throws {
        let (trials, peers) = try await trials(over: .rtu)
        try await run(trials)
        for peer in peers { try await peer.stop() }
    }

    @Test("that floods a serial line after a silence ends no other question's time, and is good again when it behaves")
    func serialFlood() async throws {
        let manner = Mutex<ScriptedPeer.Manner>(ScriptedPeer.right)
        let server = ModbusServer { unit, pdu in
            let deed = manner.withLock { $0 }(Asked(framing: .rtu, transaction: 0, unit: unit, pdu: pdu))
            if case .says(let bytes) = deed { return .garbage(bytes) }
            return .silence
        }
        defer { server.stop() }
        let medium = LinkPlan.Medium.serial(path: try server.serveRTU(), baud: 115_200, parity: "N", stopBits: 1)
        let flood = Fault.flood("flood", told: "not a valid answer", count: 4000)
        try await run([Trial(fault: flood, plan: .single("flood", medium, point: 0)) { next in manner.withLock { $0 = next } }])
    }

    @Test("on a serial line is bad for a cause that is told, and good again when it behaves")
    func serial() async throws {
        var trials: [Trial] = []
        var servers: [ModbusServer] = []
        defer { for server in servers { server.stop() } }
        for fault in Fault.all where fault.isForRTU && !["hangs-up", "breaks-off", "flood"].contains(fault.name) {
            let manner = Mutex<ScriptedPeer.Manner>(ScriptedPeer.right)
            let server = ModbusServer { unit, pdu in
                let deed = manner.withLock { $0 }(Asked(framing: .rtu, transaction: 0, unit: unit, pdu: pdu))
                if case .says(let bytes) = deed { return .garbage(bytes) }
                return .silence
            }
            servers.append(server)
            let medium = LinkPlan.Medium.serial(path: try server.serveRTU(), baud: 115_200, parity: "N", stopBits: 1)
            let plan = LinkPlan.single(fault.name, medium, point: trials.count)
            trials.append(Trial(fault: fault, plan: plan) { next in manner.withLock { $0 = next } })
        }
        try await run(trials)
    }
}

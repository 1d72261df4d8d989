import Modbus
import ModbusTransport
import Synchronization
import Telemetry
import Testing

@testable import Acquisition

@Suite("DTUs that dial in", .timeLimit(.minutes(1)))
struct DTUFieldTests {
    /// What is behind a DTU: unit 1, with a number in register 0.
    private static func device(_ number: UInt16) -> ModbusServer {
        let bank = Mutex(RegisterBank())
        bank.withLock { $0[.holding, 0] = number }
        return ModbusServer { _, pdu in .pdu(bank.withLock { $0.answer(pdu) }) }
    }

    private static func plan(_ name: String, _ port: Int, packet: String, point: Int) -> LinkPlan {
        .single(name, .rtuListen(host: "127.0.0.1", port: port, caller: .packet(Array(packet.utf8))), point: point)
    }

    @Test("two on one port are each polled on their own call, whoever drops is told of and is back when it dials again")
    func two() async throws {
        let port = try await freePort()
        let plans = [Self.plan("north", port, packet: "pump-1", point: 0), Self.plan("south", port, packet: "pump-12", point: 1)]
        try await running(plans) { acquisition, recorder in
            #expect(await recorder.until { heard in ["north", "south"].allSatisfy { !heard.told(of: $0).isEmpty } })
            #expect(recorder.heard.told(of: "north").contains("link north lost: DTU 'pump-1' has not dialled in yet"))
            let south = Self.device(12)
            defer { south.stop() }
            try south.dialAsDTU(port: port, registration: Array("pump-12".utf8), heartbeat: .milliseconds(30))
            for number: UInt16 in 1...3 {
                let north = Self.device(number)
                try north.dialAsDTU(port: port, registration: Array("pump-1".utf8))
                #expect(await recorder.until { $0.readings == [0: .good(.int(Int64(number))), 1: .good(.int(12))] })
                #expect(await acquisition.write(.int(4711), to: PointID(index: 0)) == .echoed(.int(4711)))
                recorder.forget()
                north.stop()
                #expect(await recorder.until { $0.readings[0] == .bad(.commFailure) && !$0.edges.isEmpty })
                #expect(recorder.heard.edges.map(\.name) == ["north"])
                #expect(recorder.heard.told(of: "north").contains("link north lost: the device closed the connection"))
            }
            #expect(recorder.heard.readings[1] == .good(.int(12)))
        }
    }

    @Test("a stranger is turned away and told of once with what it said, and the DTU it is not is polled")
    func stranger() async throws {
        let port = try await freePort()
        try await running([Self.plan("north", port, packet: "pump-1", point: 0)]) { _, recorder in
            #expect(await recorder.until { !$0.edges.isEmpty })
            let (stranger, north) = (Self.device(99), Self.device(1))
            defer { stranger.stop() }
            defer { north.stop() }
            for _ in 0..<3 { try stranger.dialAsDTU(port: port, registration: Array("pump-2".utf8)) }
            #expect(await recorder.until { !$0.told(of: "port \(port)").isEmpty })
            try north.dialAsDTU(port: port, registration: Array("pump-1".utf8))
            #expect(await recorder.until { $0.readings[0] == .good(.int(1)) })
            let reason = "it registers as 'pump-2', which no link expects"
            #expect(
                recorder.heard.told(of: "port \(port)") == ["a caller from 127.0.0.1 on port \(port) was turned away: \(reason)"])
        }
    }

    @Test("two links that claim one DTU, or a packet of nothing: the one that was first is polled, the others say why not")
    func claimed() async throws {
        let port = try await freePort()
        let plans = [
            Self.plan("north", port, packet: "pump-1", point: 0), Self.plan("twin", port, packet: "pump-1", point: 1),
            Self.plan("empty", port, packet: "", point: 2),
        ]
        try await running(plans) { _, recorder in
            let reason = "another link on this port has DTU 'pump-1' already; give each link a DTU of its own"
            #expect(await recorder.until { $0.told(of: "twin").contains("link twin lost: \(reason)") })
            let nothing = "a DTU's registration packet has at least one byte"
            #expect(await recorder.until { $0.told(of: "empty").contains("link empty lost: \(nothing)") })
            let north = Self.device(1)
            defer { north.stop() }
            try north.dialAsDTU(port: port, registration: Array("pump-1".utf8))
            #expect(await recorder.until { $0.readings[0] == .good(.int(1)) && $0.readings[1] == .bad(.commFailure) })
            #expect(await recorder.until { $0.readings[2] == .bad(.commFailure) })
        }
    }

    @Test("one without a packet is known by its address")
    func address() async throws {
        let port = try await freePort()
        let medium = LinkPlan.Medium.rtuListen(host: "127.0.0.1", port: port, caller: .address("127.0.0.1"))
        try await running([.single("north", medium, point: 0)]) { _, recorder in
            #expect(await recorder.until { !$0.edges.isEmpty })
            let north = Self.device(1)
            defer { north.stop() }
            try north.dialAsDTU(port: port, registration: [])
            #expect(await recorder.until { $0.readings[0] == .good(.int(1)) })
        }
    }

    @Test("a port that someone else has is an alarm, and the other links are polled")
    func taken() async throws {
        let peer = try await ScriptedPeer(.tcp)
        let plans = [
            Self.plan("north", peer.port, packet: "pump-1", point: 0),
            LinkPlan.single("south", .tcp(host: "127.0.0.1", port: peer.port), point: 1),
        ]
        try await running(plans) { _, recorder in
            #expect(await recorder.until { $0.readings[1] == .good(.int(7)) && $0.readings[0] == .bad(.commFailure) })
            let told = recorder.heard.events.filter { $0.kind == .alarm }.map(\.text)
            #expect(told.count == 1 && told.allSatisfy { $0.hasSuffix("someone else listens there") }, "\(told)")
        }
        try await peer.stop()
    }
}

import Telemetry
import Testing

@testable import Sparkplug

@Suite("A session")
struct SessionTests {
    /// tck: message-flow-edge-node-birth-publish-will-message message-flow-edge-node-birth-publish-will-message-topic
    /// tck: message-flow-edge-node-birth-publish-will-message-payload message-flow-edge-node-birth-publish-will-message-qos
    /// tck: message-flow-edge-node-birth-publish-will-message-will-retained payloads-ndeath-will-message
    /// tck: payloads-ndeath-will-message-qos payloads-ndeath-will-message-retain payloads-ndeath-seq topics-ndeath-seq
    /// tck: topics-ndeath-payload principles-persistence-clean-session-311 principles-persistence-clean-session-50
    @Test("begins with a clean connection whose will is NDEATH, with its number and nothing else")
    func will() throws {
        for version in [EdgeNodeConfiguration.ProtocolVersion.mqtt311, .mqtt5] {
            var node = try EdgeNode(station.with { $0.protocolVersion = version }, bdSeq: 7)
            let actions = node.hear(.start, at: after(3))
            let connection = try #require(actions.connection)
            #expect(actions == [.store(nextBdSeq: 8), .connect(connection)])
            #expect(connection.isClean && connection.pause == .zero && connection.bdSeq == 7)
            #expect(connection.will.topic == "spBv1.0/Xinzhuang/NDEATH/gateway")
            #expect(connection.will.qos == 1 && !connection.will.isRetained)
            let payload = try Payload(decoding: connection.will.payload)
            #expect(payload == Payload(timestamp: after(3).wall, metrics: [.bdSeq(7, at: after(3).wall)]))
            #expect(payload.metrics[0].dataType == .int64 && payload.metrics[0].name == "bdSeq")
        }
    }

    /// tck: topics-nbirth-bdseq-included topics-nbirth-bdseq-matching topics-nbirth-bdseq-increment payloads-nbirth-bdseq
    /// tck: payloads-nbirth-bdseq-repeat payloads-ndeath-bdseq
    /// tck: message-flow-edge-node-birth-publish-will-message-payload-bdSeq
    /// tck: message-flow-edge-node-birth-publish-nbirth-payload-bdSeq
    @Test("counts its connections from 0 to 255 and round again, in will and births alike")
    func numbers() throws {
        var node = try EdgeNode(station, bdSeq: 0)
        var actions = node.hear(.start, at: after(0))
        for number in Array(0...255) + [0, 1] {
            let connection = try #require(actions.connection)
            #expect(connection.bdSeq == number)
            #expect(actions.contains(.store(nextBdSeq: UInt8((number + 1) % 256))))
            let will = try #require(Sent(.publish(connection.will)))
            let birth = try #require(node.hear(.connected, at: after(1)).sent.first)
            for metric in [will["bdSeq"], birth["bdSeq"]] {
                #expect(metric?.content == .value(.long(UInt64(number))) && metric?.dataType == .int64)
            }
            actions = node.hear(.disconnected, at: after(2))
        }
    }

    @Test("does not use up a number on a broker that was never reached")
    func unreachable() throws {
        var node = try EdgeNode(station.with { $0.serverCount = 3 }, bdSeq: 255)
        var actions = node.hear(.start, at: after(0))
        for server in [0, 1, 2, 0, 1] {
            #expect(actions.connection?.bdSeq == 255)
            #expect(actions.connection?.server == server)
            #expect(actions.contains(.store(nextBdSeq: 0)))
            actions = node.hear(.unreachable, at: after(1))
        }
        #expect(node.hear(.disconnected, at: after(2)).connection?.bdSeq == 0, "a refused CONNECT did use it")
    }

    /// tck: message-flow-edge-node-birth-publish-connect principles-birth-certificates-order
    @Test("publishes nothing before it is connected, and then its birth before all else")
    func nothingBefore() throws {
        var node = try EdgeNode(station, bdSeq: 0)
        #expect(node.live(sample("level", .double(2), 0), at: after(0)).isEmpty)
        #expect(node.rebirth(at: after(0)).isEmpty)
        _ = node.hear(.start, at: after(1))
        #expect(node.hear(.start, at: after(1)).isEmpty)
        #expect(node.live(sample("level", .double(3), 1), at: after(1)).isEmpty)
        #expect(node.backlog(sample("level", .double(1), 1), at: after(1)).isEmpty)
        #expect(node.hear(.deviceLost("meter"), at: after(1)).isEmpty)
        #expect(node.hear(.deviceBack("meter"), at: after(1)).isEmpty)
        #expect(!node.takesData)
        let actions = node.hear(.connected, at: after(2))
        #expect(actions.words == ["NBIRTH", "DBIRTH well", "DBIRTH meter"])
        #expect(actions.sent[1]["level"]?.content == .value(.double(3)))
        #expect(node.takesData)
        #expect(node.hear(.connected, at: after(3)).isEmpty)
    }

    /// tck: message-flow-edge-node-ncmd-subscribe message-flow-device-dcmd-subscribe
    /// tck: operational-behavior-primary-application-state-with-multiple-servers-state-subs
    @Test("subscribes to its commands, those of writable devices, and its host's state, with QoS 1, before its birth")
    func subscriptions() throws {
        var node = try EdgeNode(station, bdSeq: 0)
        _ = node.hear(.start, at: after(0))
        let actions = node.hear(.connected, at: after(0))
        guard case .subscribe(let list) = try #require(actions.first) else {
            Issue.record("births before the subscriptions")
            return
        }
        #expect(list.map(\.filter) == ["spBv1.0/Xinzhuang/NCMD/gateway", "spBv1.0/Xinzhuang/DCMD/gateway/well"])
        var waiting = try EdgeNode(station.with { $0.primaryHost = "county" }, bdSeq: 0)
        _ = waiting.hear(.start, at: after(0))
        let others = waiting.hear(.connected, at: after(0)).subscriptions
        #expect(others.map(\.filter) == list.map(\.filter) + ["spBv1.0/STATE/county"])
        #expect((list + others).allSatisfy { $0.qos == 1 })
    }

    /// tck: payloads-ndeath-will-message-publisher payloads-ndeath-will-message-publisher-disconnect-mqtt311
    /// tck: payloads-ndeath-will-message-publisher-disconnect-mqtt50
    /// tck: operational-behavior-edge-node-intentional-disconnect-ndeath operational-behavior-edge-node-intentional-disconnect-packet
    @Test("ends with NDEATH and then the DISCONNECT, which in MQTT 5 asks for the will as well")
    func goodbye() throws {
        for version in [EdgeNodeConfiguration.ProtocolVersion.mqtt311, .mqtt5] {
            var node = try EdgeNode.connected(station.with { $0.protocolVersion = version }, bdSeq: 9)
            let actions = node.hear(.stop, at: after(5))
            try #require(actions.count == 2)
            let death = try #require(Sent(actions[0]))
            #expect(death.words == "NDEATH" && death.payload.seq == nil && death.message.qos == 1)
            #expect(death.payload.metrics == [.bdSeq(9, at: after(5).wall)])
            #expect(actions[1] == .disconnect(withWill: version == .mqtt5))
            #expect(node.live(sample("level", .double(2), 6), at: after(6)).isEmpty)
            #expect(node.hear(.disconnected, at: after(6)).isEmpty)
            #expect(node.hear(.start, at: after(7)).isEmpty, "stopped for good")
        }
    }

    @Test("can be stopped before it has begun, while it dials and while it waits")
    func stops() throws {
        var idle = try EdgeNode(station, bdSeq: 0)
        #expect(idle.hear(.stop, at: after(0)).isEmpty)
        #expect(idle.hear(.start, at: after(0)).isEmpty)
        for end in [EdgeNode.Event.unreachable, .disconnected] {
            var dialling = try EdgeNode(station, bdSeq: 0)
            _ = dialling.hear(.start, at: after(0))
            #expect(dialling.hear(.stop, at: after(0)) == [.disconnect(withWill: false)])
            #expect(dialling.hear(.stop, at: after(0)).isEmpty)
            #expect(dialling.hear(.connected, at: after(0)).isEmpty)
            #expect(dialling.hear(end, at: after(0)).isEmpty)
        }
        var waiting = try EdgeNode.connected(station.with { $0.primaryHost = "county" })
        #expect(waiting.hear(.stop, at: after(0)).words == ["NDEATH"])
        #expect(waiting.state(true, 5, at: after(1)).isEmpty, "no birth after the goodbye")
    }

    /// tck: operational-behavior-primary-application-state-with-multiple-servers-single-server
    @Test("never asks for a second connection while it has one")
    func single() throws {
        var node = try EdgeNode.connected(station.with { $0.primaryHost = "county" })
        #expect(node.state(false, 5, at: after(1)).connection == nil)
        for event in [EdgeNode.Event.start, .tick, .connected, .message(topic: "x", payload: [], isRetained: false)] {
            #expect(node.hear(event, at: after(2)).isEmpty)
        }
        #expect(node.hear(.disconnected, at: after(3)).connection != nil)
    }

    @Test("goes on with the same broker after a session, and with the next one after none")
    func walk() throws {
        var node = try EdgeNode.connected(station.with { $0.serverCount = 2 })
        #expect(node.hear(.disconnected, at: after(1)).connection?.server == 0)
        #expect(node.hear(.disconnected, at: after(2)).connection?.server == 1)
        #expect(node.hear(.disconnected, at: after(3)).connection?.server == 0)
    }
}

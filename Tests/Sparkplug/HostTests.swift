import Telemetry
import Testing

@testable import Sparkplug

@Suite("A primary host")
struct HostTests {
    private static let waiting = station.with {
        $0.primaryHost = "county"
        $0.serverCount = 2
    }

    /// tck: message-flow-edge-node-birth-publish-phid-wait message-flow-edge-node-birth-publish-phid-wait-online
    /// tck: operational-behavior-edge-node-birth-sequence-wait
    @Test("is waited for, and its being online, retained or not, brings the births")
    func waits() throws {
        for isRetained in [true, false] {
            var node = try EdgeNode.connected(Self.waiting)
            #expect(node.hear(.tick, at: after(1)).isEmpty)
            #expect(node.rebirth(at: after(2)).isEmpty)
            #expect(!node.takesData)
            let json = Array(#"{"online":true,"timestamp":5}"#.utf8)
            let actions = node.hear(.message(topic: "spBv1.0/STATE/county", payload: json, isRetained: isRetained), at: after(3))
            #expect(actions.words == ["NBIRTH", "DBIRTH well", "DBIRTH meter"])
            #expect(node.state(true, 6, at: after(4)).isEmpty, "it need not be told twice")
        }
    }

    /// tck: message-flow-edge-node-birth-publish-phid-wait-id
    @Test("is that one and no other")
    func others() throws {
        var node = try EdgeNode.connected(Self.waiting)
        for host in ["County", "county2", "other"] { #expect(node.state(true, 5, host: host, at: after(1)).isEmpty) }
        for topic in ["STATE/county", "spBv1.0/STATE/county/x"] {
            let json = Array(#"{"online":true,"timestamp":5}"#.utf8)
            #expect(node.hear(.message(topic: topic, payload: json, isRetained: true), at: after(1)).isEmpty)
        }
        let garbled = node.hear(
            .message(topic: "spBv1.0/STATE/county", payload: Array("ONLINE".utf8), isRetained: true), at: after(1))
        #expect(garbled.refusals == [.unreadable(.notAState)])
        _ = node.state(true, 5, at: after(2))
        #expect(node.state(false, 9, host: "other", at: after(3)).isEmpty)
        #expect(node.takesData)
        var careless = try EdgeNode.connected()
        #expect(careless.state(false, 9, at: after(3)).isEmpty, "without a primary host nobody's state matters")
    }

    /// tck: message-flow-edge-node-birth-publish-phid-offline operational-behavior-edge-node-termination-host-offline
    /// tck: operational-behavior-edge-node-termination-host-offline-reconnect
    /// tck: operational-behavior-primary-application-state-with-multiple-servers-walk
    @Test("that goes ends the session with NDEATH, and the next broker is tried")
    func goes() throws {
        var node = try EdgeNode.connected(Self.waiting, bdSeq: 4)
        _ = node.state(true, 5, at: after(1))
        let actions = node.state(false, 5, at: after(2))
        #expect(actions.words == ["NDEATH"])
        #expect(actions.sent[0].payload.metrics == [.bdSeq(4, at: after(2).wall)])
        #expect(actions.last == .disconnect(withWill: false))
        #expect(!node.takesData)
        let next = try #require(node.hear(.disconnected, at: after(3)).connection)
        #expect(next.server == 1 && next.bdSeq == 5 && next.pause == .seconds(1))
        #expect(node.hear(.connected, at: after(4)).words == [])
        #expect(node.state(true, 5, at: after(5)).words.first == "NBIRTH")
    }

    /// tck: operational-behavior-edge-node-termination-host-offline-timestamp
    /// tck: message-flow-edge-node-birth-publish-phid-wait-timestamp
    @Test("is believed only as long as it speaks no older than before")
    func timestamps() throws {
        var node = try EdgeNode.connected(Self.waiting.with { $0.serverCount = 1 })
        _ = node.state(true, 10, at: after(1))
        #expect(node.state(false, 9, at: after(2)).refusals == [.outdatedState])
        #expect(node.takesData)
        #expect(node.state(false, 12, at: after(3)).words == ["NDEATH"])
        _ = node.hear(.disconnected, at: after(4))
        _ = node.hear(.connected, at: after(5))
        #expect(node.state(true, 11, at: after(6)).refusals == [.outdatedState], "older than its last word")
        #expect(node.state(true, 12, at: after(7)).words.first == "NBIRTH")
        #expect(node.state(true, 20, at: after(8)).isEmpty)
        #expect(node.state(false, 19, at: after(9)).refusals == [.outdatedState], "it has come back since")
        #expect(node.takesData)
    }

    @Test("is measured by what it said on the same broker")
    func servers() throws {
        var node = try EdgeNode.connected(Self.waiting)
        _ = node.state(true, 1000, at: after(1))
        _ = node.state(false, 1001, at: after(2))
        #expect(node.hear(.disconnected, at: after(3)).connection?.server == 1)
        _ = node.hear(.connected, at: after(4))
        #expect(node.state(true, 10, at: after(5)).words.first == "NBIRTH", "it has been on this one for longer")
    }

    @Test("that stays away is asked for ever more rarely, until it is there again")
    func pauses() throws {
        var node = try EdgeNode.connected(Self.waiting)
        var pauses: [Duration] = []
        for second in 1...8 {
            let actions = node.state(false, Int64(second), at: after(Double(second)))
            #expect(actions.words == ["NDEATH"], "an offline STATE is honoured before any online one")
            pauses.append(try #require(node.hear(.disconnected, at: after(Double(second))).connection).pause)
            _ = node.hear(.connected, at: after(Double(second)))
        }
        #expect(pauses == [1, 2, 4, 8, 16, 30, 30, 30].map { .seconds($0) })
        _ = node.state(true, 100, at: after(10))
        _ = node.state(false, 101, at: after(11))
        #expect(node.hear(.disconnected, at: after(12)).connection?.pause == .seconds(1))
    }

    @Test("finds what was kept while it was away: the current values in the births, the rest as history")
    func storeAndForward() throws {
        var node = try EdgeNode.connected(Self.waiting)
        _ = node.state(true, 5, at: after(1))
        _ = node.live(sample("level", .double(1), 1), at: after(1))
        _ = node.state(false, 6, at: after(2))
        for second in [3.0, 4, 5] { #expect(node.live(sample("level", .double(second), second), at: after(second)).isEmpty) }
        _ = node.hear(.disconnected, at: after(6))
        _ = node.hear(.connected, at: after(6))
        let births = node.state(true, 7, at: after(7)).sent
        #expect(births[1]["level"]?.content == .value(.double(5)))
        let kept = node.backlog(sample("level", .double(3), 3), sample("level", .double(4), 4), at: after(8)).sent
        #expect(kept[0].payload.metrics.allSatisfy { $0.isHistorical })
        let news = node.live(sample("level", .double(9), 9), at: after(9)).sent
        #expect(news[0].payload.metrics.map(\.isHistorical) == [false])
    }
}

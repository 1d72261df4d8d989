import Telemetry
import Testing

@testable import Sparkplug

@Suite("Births and deaths")
struct BirthTests {
    private func births(_ configuration: EdgeNodeConfiguration = station) throws -> [Sent] {
        var node = try EdgeNode(configuration, bdSeq: 3)
        _ = node.live(sample("level", .double(2.417), 1), sample("run", .bool(true), 2), at: after(2))
        _ = node.hear(.start, at: after(4))
        return node.hear(.connected, at: after(5)).sent
    }

    /// tck: topics-nbirth-mqtt topics-nbirth-seq-num topics-nbirth-timestamp payloads-nbirth-timestamp payloads-nbirth-seq
    /// tck: payloads-nbirth-qos payloads-nbirth-retain payloads-sequence-num-req-nbirth
    /// tck: message-flow-edge-node-birth-publish-nbirth-topic message-flow-edge-node-birth-publish-nbirth-payload
    /// tck: message-flow-edge-node-birth-publish-nbirth-qos message-flow-edge-node-birth-publish-nbirth-retained
    /// tck: message-flow-edge-node-birth-publish-nbirth-payload-seq
    @Test("NBIRTH is the session's first message, number 0")
    func nodeBirth() throws {
        let birth = try #require(births().first)
        #expect(birth.message.topic == "spBv1.0/Xinzhuang/NBIRTH/gateway")
        #expect(birth.message.qos == 0 && !birth.message.isRetained)
        #expect(birth.payload.seq == 0)
        #expect(birth.payload.timestamp == after(5).wall)
    }

    /// tck: topics-nbirth-rebirth-metric payloads-nbirth-rebirth-req operational-behavior-data-commands-rebirth-name
    /// tck: operational-behavior-data-commands-rebirth-datatype operational-behavior-data-commands-rebirth-value
    /// tck: operational-behavior-data-commands-rebirth-name-aliases
    @Test("NBIRTH carries the rebirth control, false and without an alias")
    func rebirthControl() throws {
        for usesAliases in [true, false] {
            let control = try #require(births(station.with { $0.usesAliases = usesAliases }).first?["Node Control/Rebirth"])
            #expect(control.dataType == .boolean && control.content == .value(.bool(false)) && control.alias == nil)
        }
    }

    /// tck: topics-dbirth-mqtt topics-dbirth-seq topics-dbirth-timestamp payloads-dbirth-timestamp payloads-dbirth-seq
    /// tck: payloads-dbirth-seq-inc payloads-dbirth-order payloads-dbirth-qos payloads-dbirth-retain
    /// tck: message-flow-device-birth-publish-nbirth-wait message-flow-device-birth-publish-dbirth-topic
    /// tck: message-flow-device-birth-publish-dbirth-match-edge-node-topic message-flow-device-birth-publish-dbirth-payload
    /// tck: message-flow-device-birth-publish-dbirth-qos message-flow-device-birth-publish-dbirth-retained
    /// tck: message-flow-device-birth-publish-dbirth-payload-seq
    @Test("DBIRTHs follow the NBIRTH at once, each with the next number")
    func deviceBirths() throws {
        let births = try births()
        #expect(births.map(\.words) == ["NBIRTH", "DBIRTH well", "DBIRTH meter"])
        #expect(births.map(\.payload.seq) == [0, 1, 2])
        #expect(births.dropFirst().map(\.message.topic) == ["well", "meter"].map { "spBv1.0/Xinzhuang/DBIRTH/gateway/\($0)" })
        #expect(births.allSatisfy { $0.message.qos == 0 && !$0.message.isRetained && $0.payload.timestamp == after(5).wall })
    }

    /// tck: topics-nbirth-metric-reqs topics-nbirth-metrics topics-dbirth-metric-reqs topics-dbirth-metrics
    /// tck: operational-behavior-data-publish-nbirth operational-behavior-data-publish-nbirth-values
    /// tck: operational-behavior-data-publish-dbirth operational-behavior-data-publish-dbirth-values
    /// tck: payloads-name-birth-data-requirement payloads-metric-datatype-req payloads-metric-propertyvalue-type-req
    @Test("say of every metric its name, type, time, and current value or null")
    func metrics() throws {
        let births = try births()
        let own = Set(station.metrics.map(\.name) + ["bdSeq", "Node Control/Rebirth"])
        #expect(
            births.map { Set($0.payload.metrics.compactMap(\.name)) } == [own]
                + station.devices.map { Set($0.metrics.map(\.name)) })
        for metric in births.flatMap(\.payload.metrics) {
            #expect(metric.timestamp != nil && metric.dataType != nil && metric.content != .none && !metric.isHistorical)
        }
        let well = births[1]
        #expect(well["level"]?.content == .value(.double(2.417)))
        #expect(well["level"]?.timestamp == after(1).wall)
        #expect(well["run"]?.content == .value(.bool(true)))
        #expect(well["mode"]?.content == .null)
        #expect(well["mode"]?.quality == .stale, "nothing is known of it")
        let types: [String: DataType] = [
            "level": .double, "starts": .uint64, "offset": .int64, "run": .boolean, "setpoint": .double, "mode": .string,
        ]
        #expect(well.payload.metrics.reduce(into: [:]) { $0[$1.name] = $1.dataType } == types)
        #expect(well["level"]?.properties == [.string("engUnit", "m"), .double("engLow", 0), .double("engHigh", 6)])
        #expect(well["run"]?.properties == [])
    }

    /// tck: payloads-alias-uniqueness payloads-alias-birth-requirement payloads-name-requirement
    @Test("give each metric of the whole node an alias of its own, or none at all")
    func aliases() throws {
        let metrics = try births().flatMap(\.payload.metrics)
        let aliased = metrics.filter { $0.name != "Node Control/Rebirth" }
        #expect(Set(aliased.compactMap(\.alias)).count == aliased.count)
        #expect(metrics.allSatisfy { $0.name?.isEmpty == false })
        let plain = try births(station.with { $0.usesAliases = false }).flatMap(\.payload.metrics)
        #expect(plain.allSatisfy { $0.alias == nil && $0.name?.isEmpty == false })
        var node = try EdgeNode.connected(station.with { $0.usesAliases = false })
        let data = node.live(sample("level", .double(1), 1), at: after(1)).sent
        #expect(data.first?.payload.metrics.map(\.name) == ["level"])
        #expect(data.first?.payload.metrics.map(\.alias) == [nil])
    }

    /// tck: operational-behavior-device-ddeath topics-ddeath-mqtt topics-ddeath-seq-num payloads-ddeath-timestamp
    /// tck: payloads-ddeath-seq payloads-ddeath-seq-inc payloads-ddeath-seq-number
    @Test("DDEATH tells of a lost device, once; DBIRTH of its return")
    func deviceDeath() throws {
        var node = try EdgeNode.connected()
        let lost = node.hear(.deviceLost("well"), at: after(1)).sent
        #expect(lost.map(\.message.topic) == ["spBv1.0/Xinzhuang/DDEATH/gateway/well"])
        #expect(lost[0].message.qos == 0 && !lost[0].message.isRetained)
        #expect(lost[0].payload == Payload(timestamp: after(1).wall, metrics: [], seq: 3))
        #expect(node.hear(.deviceLost("well"), at: after(2)).isEmpty)
        #expect(node.hear(.deviceLost("nobody"), at: after(2)).isEmpty)
        let back = node.hear(.deviceBack("well"), at: after(3)).sent
        #expect(back.map(\.words) == ["DBIRTH well"] && back[0].payload.seq == 4)
        #expect(node.hear(.deviceBack("well"), at: after(4)).isEmpty)
        #expect(node.hear(.deviceBack("nobody"), at: after(4)).isEmpty)
    }

    @Test("leave out a device that is not there")
    func absent() throws {
        let absent = station.with {
            $0.devices[1] = DeviceDefinition(id: "meter", metrics: $0.devices[1].metrics, isPresent: false)
        }
        #expect(try births(absent).map(\.words) == ["NBIRTH", "DBIRTH well"])
        var node = try EdgeNode.connected(absent)
        _ = node.hear(.deviceLost("well"), at: after(1))
        _ = node.hear(.deviceBack("meter"), at: after(1))
        _ = node.hear(.disconnected, at: after(2))
        #expect(node.hear(.connected, at: after(3)).words == ["NBIRTH", "DBIRTH meter"])
    }
}

import Telemetry
import Testing

@testable import Sparkplug

@Suite("Topics")
struct TopicTests {
    private let node = Identifier("E1").flatMap { node in Identifier("G1").map { NodeDescriptor(group: $0, node: node) } }

    /// tck: topic-structure topic-structure-namespace-a topics-nbirth-topic topics-ndata-topic topics-ndeath-topic
    /// tck: topics-ncmd-topic topics-dbirth-topic topics-ddata-topic topics-ddeath-topic topics-dcmd-topic
    /// tck: topic-structure-namespace-device-id-associated-message-types
    /// tck: topic-structure-namespace-device-id-non-associated-message-types
    @Test("have the forms of the specification, and are read back as what they were")
    func forms() throws {
        let node = try #require(node)
        let device = try #require(Identifier("D1"))
        for message in Topic.NodeMessage.allCases {
            let topic = Topic.node(message, node)
            #expect(topic.description == "spBv1.0/G1/\(message.rawValue)/E1")
            #expect(Topic(topic.description) == topic)
            #expect(Topic(topic.description + "/D1") == nil, "a device where none belongs")
        }
        for message in Topic.DeviceMessage.allCases {
            let topic = Topic.device(message, node, device: device)
            #expect(topic.description == "spBv1.0/G1/\(message.rawValue)/E1/D1")
            #expect(Topic(topic.description) == topic)
            #expect(Topic("spBv1.0/G1/\(message.rawValue)/E1") == nil, "no device where one belongs")
        }
        #expect(Topic("spBv1.0/STATE/county") == Identifier("county").map { .state(host: $0) })
        #expect(Identifier("county").map { Topic.state(host: $0).description } == "spBv1.0/STATE/county")
        #expect(Set(Topic.NodeMessage.allCases.map(\.rawValue)) == ["NBIRTH", "NDATA", "NDEATH", "NCMD"])
        #expect(Set(Topic.DeviceMessage.allCases.map(\.rawValue)) == ["DBIRTH", "DDATA", "DDEATH", "DCMD"])
    }

    @Test(
        "of others are none of ours",
        arguments: [
            "", "/", "spBv1.0", "spBv1.0/", "spBv1.0/G1", "spBv1.0/G1/NBIRTH", "spBv1.0/G1/NBIRTH/", "spBv1.0//NBIRTH/E1",
            "spAv1.0/G1/NBIRTH/E1", "spbv1.0/G1/NBIRTH/E1", "spBv1.0/G1/nbirth/E1", "spBv1.0/G1/NBIRTH/E1/", "STATE/county",
            "spBv1.0/STATE/", "spBv1.0/STATE/a/b/c", "spBv1.0/G1/DDATA/E1/D1/x", "spBv1.0/G1/DDATA/E1/", "spBv1.0/+/NCMD/E1",
            "/spBv1.0/G1/NBIRTH/E1", "spBv1.0/G1/NBIRTH/E1\0", "$SYS/broker/uptime",
        ])
    func others(text: String) { #expect(Topic(text) == nil) }

    /// tck: intro-group-id-string intro-group-id-chars intro-edge-node-id-string intro-edge-node-id-chars intro-device-id-string
    /// tck: intro-device-id-chars topic-structure-namespace-valid-group-id topic-structure-namespace-valid-edge-node-id
    /// tck: topic-structure-namespace-valid-device-id
    @Test("carry any name in UTF-8 but for the characters that MQTT keeps to itself")
    func identifiers() {
        for name in ["G1", "Sparkplug B Devices", "鲁坛 百合", "a.b-c_d:e", "$x", "é", String(repeating: "x", count: 1024)] {
            #expect(Identifier(name)?.description == name)
        }
        for name in ["", "a+b", "a/b", "a#b", "+", "/", "#", "a\0b", String(repeating: "x", count: 1025)] {
            #expect(Identifier(name) == nil, "\(name)")
            for change in [\EdgeNodeConfiguration.group, \.node] {
                let configuration = station.with { $0[keyPath: change] = name }
                #expect(configuration.mistakes() == [.identifier(name)])
                #expect(throws: EdgeNodeMistakes(mistakes: [.identifier(name)])) { try EdgeNode(configuration, bdSeq: 0) }
            }
            let device = DeviceDefinition(id: name, metrics: [])
            #expect(station.with { $0.devices.append(device) }.mistakes() == [.identifier(name)])
            #expect(station.with { $0.primaryHost = name }.mistakes() == [.identifier(name)])
        }
    }

    /// tck: topic-structure-namespace-unique-device-id case-sensitivity-sparkplug-ids case-sensitivity-metric-names
    @Test("of two devices or metrics never differ in case alone, and all mistakes are told at once")
    func uniqueness() {
        let configuration = station.with {
            $0.devices.append(DeviceDefinition(id: "Well", metrics: []))
            $0.devices.append(
                DeviceDefinition(
                    id: "x",
                    metrics: ["a", "A", "b", "", "b"].map { MetricDefinition(name: $0, type: .bool) }))
            $0.metrics.append(MetricDefinition(name: "node control/rebirth", type: .bool))
            $0.metrics.append(MetricDefinition(name: "bdSeq", type: .uint))
            $0.serverCount = 0
        }
        #expect(
            configuration.mistakes() == [
                .repeatedDevice("Well"), .repeatedMetric("node control/rebirth", device: nil),
                .repeatedMetric("bdSeq", device: nil),
                .repeatedMetric("A", device: "x"), .repeatedMetric("b", device: "x"), .namelessMetric(device: "x"),
                .nothingAllowed,
            ])
        #expect(station.mistakes().isEmpty)
    }
}

import CountyServers
import Foundation
import Historian
import MQTT
import Synchronization
import Telemetry
import Testing

@Suite("the gateway as an edge node", .serialized)
struct SparkplugTests {
    private static let pump = "gateway/xinzhuang-pump-pump-1"

    @Test("is born, obeys a host's command through control, dies when it stops, and counts its lives over restarts")
    func lives() async throws {
        try await LiveCounty.serve(seed: 9) { live in
            let broker = try Self.beEdgeNode(at: live)
            let host = MQTTClient(.init(host: broker, port: 0))
            let topics = Topics(host)
            host.start()
            do {
                try await eventually("the host listens") { topics.isListening }
                for life in 1...2 {
                    try await live.gateway { _, _ in
                        try await eventually("the gateway is born") { topics.count("NBIRTH/gateway") == life }
                        try await eventually("its pump is") { topics.count("DBIRTH/\(Self.pump)") == life }
                        try await eventually("it tells data") { topics.count("DDATA/\(Self.pump)") > 0 }
                        let isOn = life == 1
                        let payload = Self.command("run", isOn, sent: Int64(Date().timeIntervalSince1970 * 1000))
                        try await host.publish(topic: "spBv1.0/Lutan/DCMD/\(Self.pump)", payload: payload, qos: 0)
                        try await eventually("the register follows") {
                            live.county.said("xinzhuang-pump/pump-1/run") == (isOn ? 1 : 0)
                        }
                    }
                    try await eventually("it says goodbye") { topics.count("NDEATH/gateway") == life }
                    let kept = try String(contentsOfFile: live.data + "/sparkplug-county-broker.bdseq", encoding: .utf8)
                    #expect(kept == "\(life)\n")
                }
            } catch {
                await host.stop()
                throw Unexpected("\(error); heard \(topics.all)")
            }
            await host.stop()
            let reader = try HistoryReader(folder: live.data)
            let writes = try reader.latestEvents(limit: 500).map(\.event).filter { $0.origin == "county host county-broker" }
            let commanded = writes.filter { $0.kind == .command && $0.subject == "xinzhuang-pump/pump-1/run" }
            #expect(commanded.contains { $0.text.hasPrefix("writes true") })
        }
    }

    /// Makes an edge node of what the county hears. Returns the broker's socket.
    private static func beEdgeNode(at live: LiveCounty) throws -> String {
        let site = try String(contentsOfFile: live.site, encoding: .utf8)
        guard let broker = site.firstMatch(of: /county-broker: \{ mqtt: "mqtt:\/\/([^"]+)", prefix: headgate \}/) else {
            throw Unexpected("the county's site file no longer says so: \(site)")
        }
        let node = "county-broker: { sparkplug: \"mqtt://\(broker.1)\", group: Lutan, node: gateway, commands: true }"
        try site.replacing(broker.0, with: node).write(toFile: live.site, atomically: true, encoding: .utf8)
        return String(broker.1)
    }

    /// A DCMD's payload, byte by byte after "Google Protocol Buffer Schema": `timestamp` 1, and `metrics` 2 of `name` 1,
    /// `boolean_value` 14.
    private static func command(_ metric: String, _ value: Bool, sent: Int64) -> [UInt8] {
        var time: [UInt8] = []
        var rest = UInt64(max(sent, 0))
        while rest > 0x7F {
            time.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        let body = [0x0A, UInt8(metric.utf8.count)] + Array(metric.utf8) + [0x70, value ? 1 : 0]
        return [0x08] + time + [UInt8(rest), 0x12, UInt8(body.count)] + body
    }
}

/// What was published in the namespace, by its topics.
private final class Topics: Sendable {
    private let list = Mutex<(heard: [String], isListening: Bool)>(([], false))

    init(_ client: MQTTClient) {
        client.hear { [weak self] message in
            self?.list.withLock { $0.heard.append(message.topic.replacing("spBv1.0/Lutan/", with: "")) }
        }
        client.subscribe("spBv1.0/Lutan/#", qos: 1) { [weak self] isGranted in self?.list.withLock { $0.isListening = isGranted } }
    }

    var all: [String] { list.withLock { $0.heard } }
    var isListening: Bool { list.withLock { $0.isListening } }

    func count(_ topic: String) -> Int { all.count { $0 == topic } }
}

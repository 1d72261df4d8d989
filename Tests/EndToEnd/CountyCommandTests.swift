import CountyServers
import Foundation
import Historian
import MQTT
import Synchronization
import Telemetry
import Testing

@Suite("commands from the county", .serialized)
struct CountyCommandTests {
    private static let topic = "headgate/xinzhuang-pump/pump-1/run/set"
    private static let other = "headgate/xinzhuang-pump/pump-2/run/set"

    @Test("reach the register, are answered as they come true, and are in the history; a kept or repeated one is refused")
    func course() async throws {
        try await LiveCounty.serve(seed: 8) { live in
            let broker = try Self.hearCommands(at: live)
            let county = MQTTClient(.init(host: broker, port: 0))
            county.start()
            let results = Results(county)
            do {
                // Before the gateway is there: it finds this one at the broker when it comes.
                try await eventually("the county's client connects") { county.isConnected }
                try await Self.send(#"{"value":1,"id":"old"}"#, to: Self.other, by: county, retain: true)
                try await live.gateway { _, _ in
                    try await results.told("old refused")
                    #expect(live.county.said("xinzhuang-pump/pump-2/run") == 0)

                    try await Self.send(#"{"value":true,"id":"one","for":600}"#, to: Self.topic, by: county)
                    try await eventually("the register changes") { live.county.said("xinzhuang-pump/pump-1/run") == 1 }
                    try await results.told("one confirmed")
                    #expect(results.states(of: "one").filter { $0 != "echoed" } == ["accepted", "confirmed"])

                    try await Self.send("0", to: Self.topic, by: county, qos: 0)
                    try await eventually("the register changes back") { live.county.said("xinzhuang-pump/pump-1/run") == 0 }
                    try await Self.send(#"{"value":true,"id":"one","for":600}"#, to: Self.topic, by: county)
                    try await eventually("the repetition is answered as the first was") {
                        results.states(of: "one").filter { $0 == "confirmed" }.count == 2
                    }
                    try await Self.send(#"{"value":7,"id":"seven"}"#, to: Self.topic, by: county)
                    try await results.told("seven refused")
                    try await Self.send("start!", to: Self.topic, by: county)
                    try await eventually("nonsense is answered") { results.all.contains { $0.hasSuffix(" refused") && $0.contains("-") } }
                    #expect(live.county.said("xinzhuang-pump/pump-1/run") == 0)
                }
            } catch {
                await county.stop()
                throw error
            }
            await county.stop()
            try Self.judge(try HistoryReader(folder: live.data).latestEvents(limit: 500).map(\.event))
        }
    }

    private static func judge(_ events: [Event]) throws {
        let commands = events.filter { $0.kind == .command && $0.origin == "county broker county-broker" }
        let runs = commands.filter { $0.text.hasPrefix("writes true") && $0.text.contains("command 'one'") }
        #expect(runs.count == 1 && runs.first?.subject == "xinzhuang-pump/pump-1/run")
        let old = "refused command 'old' (= 1): it was kept by its carrier from before; an old command is not run"
        #expect(commands.contains { $0.text == old })
        #expect(commands.contains { $0.text.hasPrefix("refused command 'one': it has come before") })
        #expect(commands.contains { $0.text == "refused command 'seven' (= 7): the point takes bool, and 7 is none" })
        #expect(commands.contains { $0.text.contains("(not understood): the message cannot be understood: not JSON") })
        #expect(!events.contains { $0.text.hasPrefix("writes") && $0.text.contains("'old'") })
    }

    /// Lets the county's broker send commands. Returns the broker's socket.
    private static func hearCommands(at live: LiveCounty) throws -> String {
        let site = try String(contentsOfFile: live.site, encoding: .utf8)
        #expect(site.contains("prefix: headgate }"), "the county's site file no longer says so")
        try site.replacing("prefix: headgate }", with: "prefix: headgate, commands: true }")
            .write(toFile: live.site, atomically: true, encoding: .utf8)
        guard let broker = site.firstMatch(of: /county-broker: \{ mqtt: "mqtt:\/\/([^"]+)"/) else {
            throw Unexpected("no broker in \(site)")
        }
        return String(broker.1)
    }

    private static func send(
        _ payload: String, to topic: String, by client: MQTTClient, qos: Int32 = 1, retain: Bool = false
    ) async throws {
        try await client.publish(topic: topic, payload: Array(payload.utf8), qos: qos, retain: retain)
    }
}

/// What the gateway answers, heard at the broker.
private final class Results: Sendable {
    private struct Answer: Decodable {
        let id: String
        let state: String
    }

    private let list = Mutex<[String]>([])

    init(_ client: MQTTClient) {
        client.subscribe("headgate/+/+/+/set/result", qos: 1)
        // Its parent is the client: it ends when that stops.
        Task { [weak self] in
            for await message in client.messages { self?.hear(message) }
        }
    }

    /// `one confirmed`
    var all: [String] { list.withLock { $0 } }

    func states(of id: String) -> [String] { all.filter { $0.hasPrefix("\(id) ") }.map { String($0.dropFirst(id.count + 1)) } }

    func told(_ text: String) async throws {
        do { try await eventually(text) { self.all.contains(text) } } catch { throw Unexpected("\(error); only \(all)") }
    }

    private func hear(_ message: MQTTMessage) {
        guard !message.isRetained, let answer = try? JSONDecoder().decode(Answer.self, from: Data(message.payload)) else { return }
        list.withLock { $0.append("\(answer.id) \(answer.state)") }
    }
}

import MQTT
import RealServers
import Testing

@Suite("bad weather on a wire", .serialized)
struct WeatherTests {
    @Test("whatever has been, in fair weather a client gets through; in any other, it hears nothing")
    func passes() async throws {
        let broker = try Broker()
        defer { broker.remove() }
        try await broker.serve {
            try await Weather.serve(before: .socket(broker.socket)) { wire in
                var options = MQTTClient.Options(host: "127.0.0.1", port: wire.port)
                options.acknowledgeWithin = .seconds(1)
                options.backoff = Backoff(first: .milliseconds(10), limit: .milliseconds(20))
                let client = MQTTClient(options)
                client.start()
                try await eventually("the client is there") { client.isConnected }
                for kind in Weather.Kind.allCases + [.silent, .cut, .deaf] {
                    await wire.turn(kind)
                    let answer: Void? = try? await within(.milliseconds(300), "an answer") {
                        try await client.publish(topic: "x", payload: [], qos: 1)
                    }
                    let isHeard = answer != nil
                    #expect(isHeard == (kind == .fair), "\(kind)")
                    await wire.turn(.fair)
                    try await eventually("after \(kind) it is fair") {
                        (try? await client.publish(topic: "x", payload: [], qos: 1)) != nil
                    }
                }
                await client.stop()
            }
        }
    }
}

import CountyServers
import MQTT
import Modbus
import ModbusTransport
import Plants
import Testing
import RealServers

@Suite("County", .timeLimit(.minutes(1)))
struct CountyTests {
    /// A started county without a broker, stopped when the body is done.
    private func withCounty(speed: Double = 1, _ body: (County) async throws -> Void) async throws {
        let county = County(seed: 7, speed: speed)
        try county.start()
        do {
            try await body(county)
        } catch {
            await county.stop()
            throw error
        }
        await county.stop()
    }

    /// Asks again and again, for 10 s at most, and lets the county live meanwhile.
    private func expectSoon(_ isSo: () throws -> Bool, at location: SourceLocation = #_sourceLocation) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            if try isSo() { return }
            await Task.yield()
        }
        Issue.record("still not so after 10 s", sourceLocation: location)
    }

    @Test("the pump station answers on Modbus TCP, and a value set is the value read")
    func station() async throws {
        try await withCounty { county in
            county.set("xinzhuang-pump/well/level", to: 4.321)
            let client = try PanelClient(port: county.modbusPort)
            #expect(try client.perform(.read(.input, address: 0, count: 1), unit: 1) == .registers([4321]))
            #expect(try client.perform(.writeCoil(address: 0, true), unit: 12) == .written)
            #expect(try client.perform(.read(.coil, address: 0, count: 1), unit: 12) == .bits([true]))
            #expect(throws: ModbusError.exception(11)) { try client.perform(.read(.coil, address: 0, count: 1), unit: 13) }
            #expect(throws: ModbusError.exception(2)) { try client.perform(.read(.input, address: 40, count: 1), unit: 1) }
        }
    }

    @Test("a written coil starts the pump, and the running contact follows")
    func running() async throws {
        try await withCounty(speed: 100) { county in
            let client = try PanelClient(port: county.modbusPort)
            _ = try client.perform(.writeCoil(address: 0, true), unit: 11)
            try await expectSoon { try client.perform(.read(.discrete, address: 0, count: 1), unit: 11) == .bits([true]) }
            #expect(try #require(county.said("xinzhuang-pump/meter/power")) > 0)
        }
    }

    @Test("libmodbus reads the farm over its serial line and opens a valve there")
    func farm() async throws {
        try await withCounty(speed: 100) { county in
            county.set("baihe-farm/zone-3/moisture-15", to: 21.7)
            let line = SerialLine(path: county.serialPath, baud: 9600)
            try line.open()
            defer { line.close() }
            func ask(_ request: Request, _ unit: UInt8) throws -> Response {
                try line.perform(request, unit: UnitID(unit), timeout: .seconds(2))
            }
            #expect(try ask(.read(.holding, address: 0, count: 1), 3) == .registers([217]))
            #expect(try ask(.writeCoil(address: 0, true), 3) == .written)
            try await expectSoon { try ask(.read(.discrete, address: 0, count: 1), 3) == .bits([true]) }
            #expect(try ask(.read(.discrete, address: 0, count: 1), 2) == .bits([false]))
            #expect(throws: ModbusError.timeout) {
                try line.perform(.read(.coil, address: 0, count: 1), unit: UnitID(9), timeout: .milliseconds(100))
            }
        }
    }

    @Test("a dead device is silent, one that talks garbage is refused, a slow one is late, and a healed one is well")
    func faults() async throws {
        try await withCounty { county in
            let level = Request.read(.input, address: 0, count: 1)
            #expect(county.fail("xinzhuang-pump/well", .dead))
            #expect(throws: ModbusError.timeout) { try PanelClient(port: county.modbusPort).perform(level, unit: 1) }
            #expect(county.fail("xinzhuang-pump/well", .garbage))
            #expect(throws: ModbusError.self) { try PanelClient(port: county.modbusPort).perform(level, unit: 1) }
            #expect(county.fail("xinzhuang-pump/well", .slow(milliseconds: 150)))
            let client = try PanelClient(port: county.modbusPort)
            let elapsed = try ContinuousClock().measure { _ = try client.perform(level, unit: 1) }
            #expect(elapsed >= .milliseconds(150))
            #expect(county.fail("xinzhuang-pump/well", nil))
            _ = try client.perform(level, unit: 1)
            #expect(!county.fail("xinzhuang-pump/pump-3", .dead))
        }
    }

    @Test("a port that is taken is an error, and stopping twice is none")
    func ports() async throws {
        let (first, second) = (County(seed: 1), County(seed: 1))
        try first.start()
        #expect(throws: (any Error).self) { try second.start(modbusPort: first.modbusPort) }
        await first.stop()
        await first.stop()
        await second.stop()
    }

    @Test("through a real broker the fleet is heard, orders are obeyed, and what gateways deliver is counted")
    func broker() async throws {
        let broker = try Broker()
        defer { broker.remove() }
        try await broker.serve {
            let client = MQTTClient(.init(host: broker.socket, port: 0))
            client.subscribe("fleet/#")
            client.start()
            let county = County(seed: 7)
            try county.start(broker: BrokerAddress(socket: broker.socket))

            var topics: Set<String> = []
            for await message in client.messages {
                topics.insert(message.topic.hasSuffix("/position") ? "position" : "state")
                if topics.count == 2 { break }
            }
            #expect(topics == ["position", "state"])

            let sample = #"{"site":"xinzhuang-pump","device":"well","time":1782000000000,"values":{"level":1.5,"rain-rate":0}}"#
            for _ in 0..<10_000 where county.receipts.messages == 0 || county.said("fleet/bin-05/fill") != 12.5 {
                try await client.publish(topic: "headgate/xinzhuang-pump/well", payload: Array(sample.utf8))
                try await client.publish(topic: "county/set", payload: Array("fleet/bin-05/fill 12.5".utf8))
            }
            #expect(county.said("fleet/bin-05/fill") == 12.5)
            await client.stop()
            await county.stop()
            let receipts = county.receipts
            #expect(receipts.distinct == 2 && receipts.samples == 2 * receipts.messages && receipts.unreadable == 0)
        }
    }
}

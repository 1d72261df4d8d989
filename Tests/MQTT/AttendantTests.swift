import MQTT
import RealServers
import Synchronization
import Testing

@Suite("Every single connection", .timeLimit(.minutes(1)))
struct AttendantTests {
    /// Makes a will of its own for each dial, and counts what it is told.
    private final class Attention: Sendable {
        private let state = Mutex((dials: 0, connections: 0, endings: [Ending?]()))
        private let limit: Int

        init(limit: Int = .max) { self.limit = limit }

        var connections: Int { state.withLock { $0.connections } }
        var endings: [Ending?] { state.withLock { $0.endings } }

        func attend(_ client: MQTTClient) {
            client.attend(
                Attendant(
                    dial: { [self] ending in
                        state.withLock { state in
                            state.dials += 1
                            state.endings.append(ending)
                            return state.dials > limit ? nil : Dial(will: .init(topic: "will", payload: [UInt8(clamping: state.dials)]))
                        }
                    }, connected: { [self] in state.withLock { $0.connections += 1 } }))
        }
    }

    private func until(_ condition: () -> Bool) async { while !condition() { await breathe() } }

    /// Listens for wills, and is subscribed when this returns.
    private func listener(_ socket: String) async -> MQTTClient {
        let listener = client(socket)
        let (granted, isGranted) = AsyncStream<Bool>.makeStream()
        listener.subscribe("#") { isGranted.yield($0) }
        listener.start()
        _ = await granted.first { _ in true }
        return listener
    }

    @Test("has its own will, which the broker publishes when we hang up without a goodbye, and only then")
    func wills() async throws {
        let broker = try Broker()
        defer { broker.remove() }
        try await broker.serve {
            let listener = await listener(broker.socket)
            let (client, attention) = (client(broker.socket), Attention())
            attention.attend(client)
            client.start()
            for (number, isGoodbye) in [(1, false), (2, true), (3, false), (4, true)] {
                await until { attention.connections == number && client.isConnected }
                try await client.publish(topic: "x", payload: [UInt8(clamping: number)])
                client.hangUp(isGoodbye: isGoodbye)
            }
            await until { attention.connections == 5 }
            var heard: [String] = []
            for await message in listener.messages {
                heard.append("\(message.topic) \(message.payload)")
                if heard.count == 6 { break }
            }
            #expect(heard == ["x [1]", "will [1]", "x [2]", "x [3]", "will [3]", "x [4]"])
            #expect(attention.endings == [nil] + Array(repeating: .disconnected, count: 4))
            await client.stop()
            await listener.stop()
        }
    }

    @Test("is told apart from a dial that reached nobody, and dialling ends when the attendant says so")
    func endings() async throws {
        let nobody = client("/nowhere/at/all")
        let lonely = Attention(limit: 3)
        lonely.attend(nobody)
        nobody.start()
        for await _ in nobody.states {}
        #expect(lonely.endings == [nil, .unreachable, .unreachable, .unreachable])
        await nobody.stop()

        let rude = try FakeBroker(.answers([0x20, 2, 0, 5]))
        defer { rude.stop() }
        let refused = client(rude.socket)
        let attention = Attention(limit: 2)
        attention.attend(refused)
        refused.start()
        for await _ in refused.states {}
        #expect(attention.endings == [nil, .disconnected, .disconnected])
        #expect(attention.connections == 0)
        await refused.stop()
    }

    @Test("answers a barrier once it has read all that was published before, and no sooner", arguments: [1, 3000])
    func barrier(count: Int) async throws {
        let broker = try Broker()
        defer { broker.remove() }
        try await broker.serve {
            let listener = await listener(broker.socket)
            let client = client(broker.socket) { $0.maximumPending = 5000 }
            client.start()
            await until { client.isConnected }
            for round in 1...3 {
                for index in 0..<count {
                    client.publish(MQTTMessage(topic: "x", payload: Array("\(round) \(index)".utf8)), isMoreToCome: true) { _ in }
                }
                let (answers, answer) = AsyncStream<Bool>.makeStream()
                client.barrier { answer.yield($0) }
                #expect(await answers.first { _ in true } == true)
                // The broker has read them, so that its own loss takes nothing back; hanging up without a goodbye would.
                client.hangUp(isGoodbye: false)
                await until { listener.receivedMessages == round * count }
                await until { client.connections == round + 1 && client.isConnected }
            }
            await client.stop()
            await listener.stop()
        }
    }

    @Test("that ends before it has answered a barrier fails it")
    func noAnswer() async throws {
        let broker = try FakeBroker(.forgetful)
        defer { broker.stop() }
        let client = client(broker.socket) { $0.acknowledgeWithin = .milliseconds(100) }
        let (answers, answer) = AsyncStream<Bool>.makeStream()
        client.barrier { answer.yield($0) }
        client.start()
        await until { client.isConnected }
        client.barrier { answer.yield($0) }
        var heard = answers.makeAsyncIterator()
        #expect(await heard.next() == false)
        #expect(await heard.next() == false)
        await client.stop()
    }
}

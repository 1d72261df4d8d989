import FoundationEssentials
import MQTT
import Synchronization
import Testing
import RealServers

/// A client that dials again at once, as a test would have it.
func client(_ socket: String, id: String = "", adjust: (inout MQTTClient.Options) -> Void = { _ in }) -> MQTTClient {
    var options = MQTTClient.Options(host: socket, port: 0, clientID: id)
    options.backoff = Backoff(first: .milliseconds(5), limit: .milliseconds(20))
    adjust(&options)
    return MQTTClient(options)
}

/// Waits for an edge of the link; the stream keeps what comes before anyone asks.
func waitUntil(_ client: MQTTClient, isConnected wanted: Bool) async {
    for await state in client.states where (state == .connected) == wanted { return }
}

func text(_ message: MQTTMessage?) -> String? { message.map { String(decoding: $0.payload, as: UTF8.self) } }

@Suite("An MQTT client", .timeLimit(.minutes(1)))
struct MQTTClientTests {
    @Test("a message arrives as it was sent: every byte, the topic, the retained mark")
    func roundTrip() async throws {
        let broker = try Broker()
        defer { broker.remove() }
        try await broker.serve {
            let client = client(broker.socket)
            client.start()
            await waitUntil(client, isConnected: true)
            let payload = (0...255).map(UInt8.init)
            try await client.publish(topic: "县/泵站", payload: payload, qos: 1, retain: true)
            try await client.publish(topic: "县/empty", payload: [], qos: 2)
            let (granted, isGranted) = AsyncStream<Bool>.makeStream()
            client.subscribe("县/#") { isGranted.yield($0) }
            #expect(await granted.first { _ in true } == true)
            var messages = client.messages.makeAsyncIterator()
            #expect(await messages.next() == MQTTMessage(topic: "县/泵站", payload: payload, qos: 1, isRetained: true))
            try await client.publish(topic: "县/empty", payload: [], qos: 0)
            #expect(await messages.next() == MQTTMessage(topic: "县/empty", payload: [], qos: 0))
            await client.stop()
            #expect(client.receivedMessages == 2)
        }
    }

    @Test("it outlives its broker, renews its subscriptions, and says what it did not deliver")
    func killAndReturn() async throws {
        let broker = try Broker()
        defer { broker.remove() }
        let client = client(broker.socket)
        client.start()
        client.subscribe("a/+")
        await waitUntil(client, isConnected: false)
        await #expect(throws: MQTTError.disconnected) { try await client.publish(topic: "a/0", payload: [0]) }
        for round in 1...3 {
            try await broker.serve {
                await waitUntil(client, isConnected: true)
                try await client.publish(topic: "a/\(round)", payload: Array("\(round)".utf8))
                var messages = client.messages.makeAsyncIterator()
                #expect(text(await messages.next()) == "\(round)")
            }
            await waitUntil(client, isConnected: false)
        }
        #expect(client.connections == 3)
        await client.stop()
    }

    @Test("every delivery of many at once is answered exactly once", arguments: [0, 1, 2] as [Int32])
    func exactlyOneAnswer(qos: Int32) async throws {
        let broker = try Broker()
        defer { broker.remove() }
        let (writers, each) = (8, 100)
        try await broker.serve {
            let client = client(broker.socket) { $0.maximumInFlight = 7 }
            client.start()
            await waitUntil(client, isConnected: true)
            let answers = Locked([Int](repeating: 0, count: writers * each))
            let (done, finished) = AsyncStream<Void>.makeStream()
            await withTaskGroup { group in
                for writer in 0..<writers {
                    group.addTask { @concurrent in
                        for index in 0..<each {
                            client.publish(topic: "x", payload: [UInt8(truncatingIfNeeded: index)], qos: qos) { isTaken in
                                let isLast = answers.state.withLock { answers in
                                    answers[writer * each + index] += isTaken ? 1 : 1000
                                    return answers.reduce(0, +) >= writers * each
                                }
                                if isLast { finished.finish() }
                            }
                        }
                    }
                }
            }
            for await _ in done {}
            await client.stop()
            #expect(answers.state.withLock { $0 } == [Int](repeating: 1, count: writers * each))
        }
    }

    @Test("after stop its thread is gone, nothing is called back, streams have ended, and publishing says so")
    func stopped() async throws {
        let broker = try Broker()
        defer { broker.remove() }
        try await broker.serve {
            let client = client(broker.socket, id: "joined")
            client.start()
            await waitUntil(client, isConnected: true)
            client.subscribe("#")
            #expect(threads(named: "mqtt-joined") == 1)
            let calls = Locked((before: 0, after: 0, isStopped: false))
            await withTaskGroup { group in
                group.addTask { @concurrent in
                    for index in 0..<500 {
                        client.publish(topic: "x", payload: Array("\(index)".utf8)) { _ in
                            calls.state.withLock { if $0.isStopped { $0.after += 1 } else { $0.before += 1 } }
                        }
                    }
                }
                group.addTask { await client.stop() }
            }
            calls.state.withLock { $0.isStopped = true }
            #expect(threads(named: "mqtt-joined") == 0)
            let early = calls.state.withLock { $0.before }
            #expect(early == 500)
            await #expect(throws: MQTTError.disconnected) { try await client.publish(topic: "x", payload: []) }
            for await _ in client.messages {}
            for await _ in client.states {}
            await client.stop()
            client.start()
            #expect(threads(named: "mqtt-joined") == 0)
            #expect(calls.state.withLock { $0.after } == 0)
        }
    }

    @Test("a client that was never started, or never connected, stops all the same; one let go of stops by itself")
    func stopsInAnyState() async throws {
        await client("/nowhere/at/all").stop()
        let waiting = client("/nowhere/at/all", id: "waiting") {
            $0.backoff = Backoff(first: .seconds(3600), limit: .seconds(3600))
        }
        waiting.start()
        await waitUntil(waiting, isConnected: false)
        await waiting.stop()
        #expect(threads(named: "mqtt-waiting") == 0)
        var loose: MQTTClient? = client("/nowhere/at/all", id: "loose")
        loose?.start()
        let states = try #require(loose?.states)
        loose = nil
        for await _ in states {}
    }

    @Test("a slow reader keeps the newest messages, and the lost ones are counted")
    func dropsTheOldest() async throws {
        let broker = try Broker()
        defer { broker.remove() }
        try await broker.serve {
            let reader = client(broker.socket) { $0.maximumReceived = 10 }
            reader.start()
            await waitUntil(reader, isConnected: true)
            let (granted, isGranted) = AsyncStream<Bool>.makeStream()
            reader.subscribe("n") { isGranted.yield($0) }
            _ = await granted.first { _ in true }
            for index in 0..<25 { try await reader.publish(topic: "n", payload: Array("\(index)".utf8)) }
            while reader.receivedMessages < 25 { await Task.yield() }
            await reader.stop()
            var kept: [String?] = []
            for await message in reader.messages { kept.append(text(message)) }
            #expect(kept == (15..<25).map { "\($0)" })
            #expect(reader.droppedMessages == 15)
        }
    }

    @Test("what MQTT cannot carry is refused at once and is no fault of the link")
    func refuses() async throws {
        let broker = try Broker()
        defer { broker.remove() }
        try await broker.serve {
            let client = client(broker.socket)
            client.start()
            await waitUntil(client, isConnected: true)
            for topic in ["", "a/+", "#"] {
                let error = await #expect(throws: MQTTError.self) { try await client.publish(topic: topic, payload: []) }
                #expect(error?.isRetryable == false)
            }
            let error = await #expect(throws: MQTTError.self) { try await client.publish(topic: "a", payload: [], qos: 3) }
            #expect(error?.isRetryable == false)
            client.subscribe("a/#/b")
            #expect(client.refusedSubscriptions == ["a/#/b"])
            try await client.publish(topic: "a", payload: [])
            #expect(client.connections == 1)
            await client.stop()
        }
    }

    @Test("a will is published when its client vanishes, and not when it says goodbye")
    func will() async throws {
        let broker = try Broker()
        defer { broker.remove() }
        try await broker.serve {
            let watcher = client(broker.socket)
            watcher.start()
            await waitUntil(watcher, isConnected: true)
            let (granted, isGranted) = AsyncStream<Bool>.makeStream()
            watcher.subscribe("will/#") { isGranted.yield($0) }
            _ = await granted.first { _ in true }
            var messages = watcher.messages.makeAsyncIterator()
            func mortal(_ last: String) -> MQTTClient {
                client(broker.socket, id: "mortal") {
                    $0.will = MQTTClient.Will(topic: "will/mortal", payload: Array(last.utf8))
                    $0.backoff = Backoff(first: .seconds(60), limit: .seconds(60))
                }
            }
            let first = mortal("first died")
            first.start()
            await waitUntil(first, isConnected: true)
            // The broker throws out the holder of a client id when another comes with the same (MQTT 3.1.1, 3.1.4).
            let second = mortal("second died")
            second.start()
            #expect(text(await messages.next()) == "first died")
            await waitUntil(second, isConnected: true)
            await second.stop()
            try await watcher.publish(topic: "will/none", payload: Array("none".utf8))
            #expect(text(await messages.next()) == "none")
            await first.stop()
            await watcher.stop()
        }
    }
}

@Suite("An MQTT client and a broker that misbehaves", .timeLimit(.minutes(1)))
struct MisbehavingBrokerTests {
    @Test("an acknowledgement that never comes costs the link, not the client")
    func forgetful() async throws {
        let broker = try FakeBroker(.forgetful)
        defer { broker.stop() }
        let client = client(broker.socket) { $0.acknowledgeWithin = .milliseconds(100) }
        client.start()
        await waitUntil(client, isConnected: true)
        await #expect(throws: MQTTError.disconnected) { try await client.publish(topic: "x", payload: [1]) }
        await waitUntil(client, isConnected: true)
        await client.stop()
    }

    @Test("a cancelled publisher does not wait for the broker, and more than the limit do not wait at all")
    func cancelled() async throws {
        let broker = try FakeBroker(.forgetful)
        defer { broker.stop() }
        let client = client(broker.socket) { $0.maximumPending = 3 }
        client.start()
        await waitUntil(client, isConnected: true)
        await withTaskGroup { group in
            for _ in 0..<3 {
                group.addTask {
                    await #expect(throws: MQTTError.cancelled) { try await client.publish(topic: "x", payload: [1]) }
                }
            }
            group.cancelAll()
        }
        await #expect(throws: MQTTError.overloaded(limit: 3)) { try await client.publish(topic: "x", payload: [1]) }
        await client.stop()
    }

    @Test("a refused subscription is told and remembered")
    func refusal() async throws {
        let broker = try FakeBroker(.refusesSubscriptions)
        defer { broker.stop() }
        let client = client(broker.socket)
        client.start()
        let (granted, isGranted) = AsyncStream<Bool>.makeStream()
        client.subscribe("secret/#") { isGranted.yield($0) }
        #expect(await granted.first { _ in true } == false)
        #expect(client.refusedSubscriptions == ["secret/#"])
        await client.stop()
    }

    @Test(
        "an answer that is not MQTT, or is a refusal, ends the connection and not the dialling",
        arguments: [
            [0x20, 2, 0, 5], [0x48, 0x54, 0x54, 0x50], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x20, 2, 1, 0xFF], [],
        ] as [[UInt8]])
    func garbage(answer: [UInt8]) async throws {
        let broker = try FakeBroker(.answers(answer))
        defer { broker.stop() }
        let client = client(broker.socket) { $0.acknowledgeWithin = .milliseconds(100) }
        client.start()
        for await state in client.states {
            guard case .disconnected(let reason) = state else {
                Issue.record("it took that for a connection")
                break
            }
            #expect(!reason.isEmpty)
            if answer == [0x20, 2, 0, 5] { #expect(reason.contains("not authorised")) }
            break
        }
        while broker.connections < 2 { await Task.yield() }
        await client.stop()
    }
}

/// A mutex that several closures may hold.
private final class Locked<State: Sendable>: Sendable {
    let state: Mutex<State>

    init(_ state: State) { self.state = Mutex(state) }
}

/// How many of this process's threads bear that name.
private func threads(named name: String) -> Int {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    return tasks.count { (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)) == name + "\n" }
}

import FoundationEssentials
import Historian
import MQTT
import RealServers
import Telemetry
import TestSupport
import Testing

@testable import Forwarding

/// What an acknowledgement of a broker is worth. It is the broker's word that it has taken the message over (MQTT 3.1.1, 4.3.2):
/// nothing counts before it, and nothing is sent again after it.
@Suite("A broker's acknowledgement", .timeLimit(.minutes(1)))
struct BrokerGuaranteeTests {
    private func client(_ socket: String) -> MQTTClient {
        var options = MQTTClient.Options(host: socket, port: 0)
        options.backoff = Backoff(first: .milliseconds(5), limit: .milliseconds(20))
        options.acknowledgeWithin = .milliseconds(1500)
        return MQTTClient(options)
    }

    @Test("that never comes counts for nothing, and keeps no more than a hundred on the wire; once it comes, all arrives")
    func neverAcknowledges() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            for index in 0..<900 { journal.append(batch([.good(.int(Int64(index)))], device: index % 2, at: time.now())) }
            try await journal.flush()
            let broker = try SilentBroker(folder: folder)
            defer { broker.stop() }
            let client = client(broker.socket)
            client.start()
            let forwarder = Forwarder(
                destination: MQTTDestination(name: "county", client: client), journal: journal, time: time, logger: quiet)
            try await withTimeFlowing(time) {
                try await forwarding(forwarder) {
                    await until {
                        let attempts = await forwarder.status.failedAttempts
                        return attempts >= 3 && broker.connections >= 2
                    }
                    #expect(await forwarder.status.acknowledged == 0)
                    #expect(await forwarder.status.pending == 900)
                    #expect(broker.mostOpen > 0 && broker.mostOpen <= 100, "\(broker.mostOpen)")
                    broker.recover()
                    await until { await forwarder.status.pending == 0 }
                }
            }
            await client.stop()
            #expect(try await standing(journal, "county") == Account(acknowledged: 900, pending: 0, dropped: 0))
            #expect(broker.acknowledged >= 900)
        }
    }

    @Test("that was given before the broker lost everything stands: what it covers is not sent again, what it does not is")
    func losesAll() async throws {
        try await withFolder { folder in
            let broker = try Broker()
            defer { broker.remove() }
            let time = ManualTime()
            let journal = try journal(in: folder, time: time)
            @Sendable func store(_ range: Range<Int>) async throws {
                for index in range {
                    journal.append(batch([.good(.int(Int64(index)))], at: time.now().advanced(by: .milliseconds(index))))
                }
                try await journal.flush()
            }
            let (upward, county) = (client(broker.socket), client(broker.socket))
            upward.start()
            let forwarder = Forwarder(
                destination: MQTTDestination(name: "county", client: upward), journal: journal, time: time, logger: quiet)
            try await withTimeFlowing(time) {
                try await forwarding(forwarder) {
                    try await store(0..<100)
                    // Nobody listens yet, and this broker keeps nothing: what it acknowledges is lost with it.
                    try await broker.serve { await until { await forwarder.status.acknowledged == 100 } }
                    try await store(100..<200)
                    await until { await forwarder.status.reason != nil }
                }
            }
            await upward.stop()
            // The county's end must be there before the gateway is let in again.
            let again = client(broker.socket)
            let second = Forwarder(
                destination: MQTTDestination(name: "county", client: again), journal: journal, time: time, logger: quiet)
            try await broker.serve {
                let (granted, isGranted) = AsyncStream<Bool>.makeStream()
                county.subscribe("headgate/#") { isGranted.yield($0) }
                county.start()
                #expect(await granted.first { _ in true } == true)
                again.start()
                await until { again.isConnected }
                await second.drain(until: time.now().monotonic + .seconds(60))
                var heard: [String] = []
                for await message in county.messages {
                    heard.append(String(decoding: message.payload, as: UTF8.self))
                    if heard.count == 100 { break }
                }
                // The second hundred, and nothing of the first.
                #expect(Set(heard).count == 100 && heard.allSatisfy { $0.contains(/"p0":1\d\d\}/) })
            }
            await again.stop()
            await county.stop()
            #expect(try await standing(journal, "county") == Account(acknowledged: 200, pending: 0, dropped: 0))
        }
    }
}

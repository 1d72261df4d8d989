import FoundationEssentials
import MQTT
import RealServers
import Subprocess
import Testing

@Suite("An MQTT client of a guarded broker", .timeLimit(.minutes(1)))
struct MQTTSecurityTests {
    private struct Guarded {
        let folder: String
        let port = freePort()
        let certificates: Certificates

        init() async throws {
            folder = FileManager.default.temporaryDirectory.path + "/headgate-tls-" + UUID().uuidString.prefix(8)
            certificates = try await Certificates(folder: folder)
        }

        /// Runs a mosquitto that wants these lines of its listener.
        func serve<Answer: Sendable>(
            _ lines: String, as host: String = "127.0.0.1", _ body: @Sendable () async throws -> Answer
        ) async throws -> Answer {
            let server = try await certificates.issue("server", host: host)
            let settings = """
                listener \(port) 127.0.0.1
                cafile \(certificates.authority)
                certfile \(server.certificate)
                keyfile \(server.key)
                persistence false
                user root
                \(lines)

                """
            try settings.write(toFile: folder + "/mosquitto.conf", atomically: false, encoding: .utf8)
            return try await running("mosquitto", ["-c", folder + "/mosquitto.conf"], ending: .kill) { process in
                _ = try await listeningPort(of: process)
                return try await body()
            }
        }

        func client(_ tls: TLSFiles?, user: String? = nil, password: String? = nil) -> MQTTClient {
            var options = MQTTClient.Options(host: "127.0.0.1", port: port, username: user, password: password)
            options.backoff = Backoff(first: .milliseconds(20), limit: .milliseconds(50))
            options.tls = tls
            return MQTTClient(options)
        }

        func remove() { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// The first word on the connection: nil for one that stands.
    private func verdict(_ client: MQTTClient) async -> String? {
        client.start()
        var verdict: String? = "never said"
        for await state in client.states {
            switch state {
            case .connected: verdict = nil
            case .disconnected(let reason): verdict = reason
            }
            break
        }
        if verdict == nil {
            // A client that the broker wants a certificate of learns of its refusal after the handshake only.
            verdict = (try? await client.publish(topic: "a", payload: [1])) == nil ? "left at once" : nil
        }
        await client.stop()
        return verdict
    }

    @Test("with the authority and a certificate of its own it is let in; without either, or by another authority, it is not")
    func certificates() async throws {
        let broker = try await Guarded()
        defer { broker.remove() }
        let mine = try await broker.certificates.issue("gateway")
        let stranger = try await Certificates(folder: broker.folder + "/stranger")
        let forged = try await stranger.issue("gateway")
        try await broker.serve("require_certificate true\nallow_anonymous true") {
            let authority = broker.certificates.authority
            let full = TLSFiles(authority: authority, certificate: mine.certificate, key: mine.key)
            #expect(await verdict(broker.client(full)) == nil)
            #expect(await verdict(broker.client(nil)) != nil)
            #expect(await verdict(broker.client(TLSFiles(authority: authority))) != nil)
            #expect(
                await verdict(broker.client(TLSFiles(authority: authority, certificate: forged.certificate, key: forged.key)))
                    != nil)
            let distrustful = "no secure connection: the broker's certificate is not to be trusted by 'ca'"
            let wrong = TLSFiles(authority: stranger.authority, certificate: mine.certificate, key: mine.key)
            let mistaken = await verdict(broker.client(wrong))
            #expect(mistaken == distrustful)
            // The system has never heard of our authority.
            let unknown = await verdict(broker.client(TLSFiles(certificate: mine.certificate, key: mine.key)))
            #expect(unknown == distrustful)
            #expect(await verdict(broker.client(TLSFiles(authority: "/no/such.pem"))) == "the files of 'tls' cannot be used")
        }
    }

    @Test("a certificate that stands for another host is not believed")
    func otherHost() async throws {
        let broker = try await Guarded()
        defer { broker.remove() }
        try await broker.serve("allow_anonymous true", as: "192.0.2.1") {
            #expect(await verdict(broker.client(TLSFiles(authority: broker.certificates.authority))) != nil)
        }
    }

    @Test("a password file of the broker's lets in who knows the password, over TLS, with much to carry")
    func passwords() async throws {
        let broker = try await Guarded()
        defer { broker.remove() }
        let file = broker.folder + "/passwords"
        _ = try await outcome(of: "mosquitto_passwd", ["-b", "-c", file, "gateway", "correct horse"])
        try await broker.serve("allow_anonymous false\npassword_file \(file)") {
            let tls = TLSFiles(authority: broker.certificates.authority)
            #expect(
                await verdict(broker.client(tls, user: "gateway", password: "wrong")) == "Connection Refused: not authorised.")
            #expect(await verdict(broker.client(tls)) == "Connection Refused: not authorised.")
            #expect(await verdict(broker.client(tls, user: "gateway", password: "correct horse")) == nil)
            let client = broker.client(tls, user: "gateway", password: "correct horse")
            client.subscribe("load/#")
            client.start()
            await waitUntil(client, isConnected: true)
            // Records of TLS hold 16 KiB: what is left of one in the library's hands wakes no poll.
            let sizes = [1, 100, 16_384, 16_385, 100_000, 7] + Array(repeating: 3000, count: 200)
            for (index, size) in sizes.enumerated() {
                client.publish(topic: "load/\(index)", payload: Array(repeating: UInt8(truncatingIfNeeded: index), count: size)) {
                    _ in
                }
            }
            var heard: [Int] = []
            for await message in client.messages {
                heard.append(message.payload.count)
                if heard.count == sizes.count { break }
            }
            #expect(heard == sizes)
            await client.stop()
        }
    }
}

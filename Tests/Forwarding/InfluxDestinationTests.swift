import Historian
import Telemetry
import Testing

@testable import Forwarding

@Suite("InfluxDB line protocol over HTTP", .timeLimit(.minutes(1)))
struct InfluxDestinationTests {
    private let entries = [entry(1, [("p0", 5, .good(.double(1.5)))])]

    /// What becomes of a send to that address.
    private func outcome(_ url: String, timeout: Duration = .seconds(10)) async -> DestinationError? {
        let destination = InfluxDestination(name: "county", endpoint: InfluxEndpoint(url: url), timeout: timeout)
        var outcome: DestinationError?
        do { try await destination.send(entries, isLate: false) } catch {
            outcome = error as? DestinationError ?? .unavailable("??? \(error)")
        }
        await destination.close()
        return outcome
    }

    @Test("it posts its lines in milliseconds, to the database and with the credentials it was given")
    func posts() async throws {
        let receiver = Receiver()
        try await receiver.serve { url in
            let destination = InfluxDestination(
                name: "county",
                endpoint: InfluxEndpoint(url: url + "/", place: .database("lutan county"), credentials: .token("secret")))
            try await destination.send(entries, isLate: false)
            try await destination.send([], isLate: false)
            await destination.close()
        }
        #expect(receiver.lines == ["headgate,site=north,device=pump,point=p0 value=1.5,quality=192 5"])
        #expect(receiver.paths == ["/write?precision=ms&db=lutan%20county"])
        #expect(receiver.authorizations == ["Token secret"])
    }

    @Test(
        "only 204 is an acknowledgement; 400 and 422 are refusals, 413 is too much; the rest may pass",
        arguments: [
            (204, "", nil),
            (400, "unable to parse\nline 1", DestinationError.refused("HTTP 400 Bad Request, \"unable to parse\"")),
            (413, "", .tooLarge("HTTP 413 Payload Too Large")), (422, "", .refused("HTTP 422 Unprocessable Entity")),
            (500, "", .unavailable("HTTP 500 Internal Server Error")),
            (
                200, "<html>log in",
                .unavailable(
                    "HTTP 200 OK, \"<html>log in\": not what a write endpoint says; is something else answering at this address?")
            ),
            (
                401, "",
                .unavailable(
                    "HTTP 401 Unauthorized: the credentials are not accepted; look at 'user' and 'password-file', or 'token-file'"
                )
            ),
            (
                403, "",
                .unavailable(
                    "HTTP 403 Forbidden: these credentials may not write there; look at 'user' or 'token-file', or grant it")
            ),
            (
                404, #"{"error":"database not found: \"county\""}"#,
                .unavailable(
                    "HTTP 404 Not Found, \"database not found: \"county\"\": there is no such place; look at 'influx', and at "
                        + "'database', or 'org' and 'bucket'")
            ),
            (302, "", .unavailable("HTTP 302 Found: the address has moved, and readings do not follow by themselves")),
        ] as [(Int, String, DestinationError?)])
    func statuses(status: Int, body: String, expected: DestinationError?) async throws {
        let receiver = Receiver { _ in Receiver.Answer(status: status, body: body, headers: ["Location": "http://127.0.0.1:1/"]) }
        let told = try await receiver.serve { await outcome($0) }
        #expect(told == expected)
    }

    @Test(
        "a wish for patience is heard if it is one",
        arguments: [(429, "17", Duration.seconds(17)), (503, "0", .zero), (503, "-5", .zero), (503, "tomorrow", nil)]
            as [(Int, String, Duration?)])
    func retryAfter(status: Int, wish: String, expected: Duration?) async throws {
        let receiver = Receiver { _ in Receiver.Answer(status: status, headers: ["Retry-After": wish]) }
        let told = try await receiver.serve { await outcome($0) }
        guard case .unavailable(_, let retryAfter) = told else {
            Issue.record("\(String(describing: told))")
            return
        }
        #expect(retryAfter == expected)
    }

    @Test(
        "an answer that is not HTTP is no acknowledgement, nor is a closed door",
        arguments: ["", "\u{0}\u{1}\u{2}garbage", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 2", "HTTP/1.1 999999 What\r\n\r\n"])
    func garbage(answer: String) async {
        let server = RawServer(answer: Array(answer.utf8))
        defer { server.stop() }
        guard case .unavailable(let why, nil) = await outcome("http://127.0.0.1:\(server.port)") else {
            Issue.record("it took that for an answer")
            return
        }
        #expect(!why.isEmpty && !why.contains("???"))
    }

    @Test("silence, a port where nobody listens and an address that is none are told apart from an acknowledgement")
    func silence() async {
        let server = RawServer(answer: nil)
        #expect(
            await outcome("http://127.0.0.1:\(server.port)", timeout: .milliseconds(100)) == .unavailable("no answer in time"))
        server.stop()
        let why = "no exchange with the receiver: "
        #expect(await outcome("http://127.0.0.1:1") == .unavailable(why + "Connection refused"))
        #expect(await outcome("nowhere") == .unavailable(why + "Empty scheme"))
        #expect(await outcome("ftp://127.0.0.1") == .unavailable(why + "Unsupported scheme"))
    }

    @Test("one that is never closed, used or not, is no fault")
    func neverClosed() async throws {
        _ = InfluxDestination(name: "county", endpoint: InfluxEndpoint(url: "http://127.0.0.1:1"))
        let receiver = Receiver()
        try await receiver.serve {
            try await InfluxDestination(name: "county", endpoint: InfluxEndpoint(url: $0)).send(entries, isLate: false)
        }
        #expect(receiver.lines.count == 1)
    }

    @Test("a long answer costs no memory and holds nobody up")
    func longAnswer() async throws {
        let receiver = Receiver { _ in Receiver.Answer(status: 500, body: String(repeating: "x", count: 1 << 20)) }
        let told = try await receiver.serve { await outcome($0) }
        #expect(told == .unavailable("HTTP 500 Internal Server Error"))
    }
}

import FoundationEssentials
import MQTT
import RealServers
import Subprocess
import Telemetry
import Testing

@testable import Forwarding

@Suite("Line protocol over TLS", .timeLimit(.minutes(1)))
struct SecureInfluxTests {
    /// An HTTPS server of Python's that answers each POST with 204, and wants a client's certificate.
    private static let server = """
        import http.server, ssl, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(204)
                self.end_headers()
            def log_message(self, *words): pass
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        context.load_verify_locations(sys.argv[3])
        if sys.argv[4] == "all": context.verify_mode = ssl.CERT_REQUIRED
        httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
        httpd.serve_forever()

        """

    private func outcome(_ port: Int, _ tls: TLSFiles?) async -> DestinationError? {
        let endpoint = InfluxEndpoint(url: "https://127.0.0.1:\(port)", tls: tls)
        let destination = InfluxDestination(name: "county", endpoint: endpoint)
        var outcome: DestinationError?
        do { try await destination.send([entry(1, [("p0", 5, .good(.int(1)))])], isLate: false) } catch {
            outcome = error as? DestinationError ?? .unavailable("??? \(error)")
        }
        await destination.close()
        return outcome
    }

    @Test("a server that wants our certificate gets it, and is believed by our authority alone", arguments: ["all", "none"])
    func certificates(wanted: String) async throws {
        try await withFolder { folder in
            let certificates = try await Certificates(folder: folder + "/ours")
            let server = try await certificates.issue("server", host: "127.0.0.1")
            let mine = try await certificates.issue("gateway")
            let stranger = try await Certificates(folder: folder + "/stranger")
            try Self.server.write(toFile: folder + "/server.py", atomically: false, encoding: .utf8)
            let arguments = [folder + "/server.py", server.certificate, server.key, certificates.authority, wanted]
            try await running("python3", arguments, ending: .kill) { process in
                let port = try await listeningPort(of: process)
                let full = TLSFiles(authority: certificates.authority, certificate: mine.certificate, key: mine.key)
                #expect(await outcome(port, full) == nil)
                #expect((await outcome(port, TLSFiles(authority: certificates.authority)) == nil) == (wanted == "none"))
                let distrustful = DestinationError.unavailable(
                    "no secure connection: the receiver's certificate is not to be trusted by 'ca'")
                #expect(await outcome(port, nil) == distrustful)
                #expect(
                    await outcome(port, TLSFiles(authority: stranger.authority, certificate: mine.certificate, key: mine.key))
                        == distrustful)
                guard case .unavailable(let why, _) = await outcome(port, TLSFiles(authority: "/no/such.pem")) else {
                    Issue.record("no file, no trust")
                    return
                }
                #expect(why.hasPrefix("the files of 'tls' cannot be used"))
            }
        }
    }

    @Test(
        "a certificate that ends within 30 days is spoken of, and one that has ended",
        arguments: [(29, true), (31, false), (3650, false)])
    func expiry(days: Int, isTold: Bool) async throws {
        try await withFolder { folder in
            let certificates = try await Certificates(folder: folder, days: 3660)
            let mine = try await certificates.issue("gateway", days: days)
            let files = TLSFiles(authority: certificates.authority, certificate: mine.certificate, key: mine.key)
            let now = SystemTime().now().wall
            let warning = files.warning(at: now)
            #expect((warning != nil) == isTold, "\(warning ?? "")")
            if isTold { #expect(warning?.contains("in 28 days") == true) }
            #expect(
                files.warning(at: now.advanced(by: .seconds(days * 86_400 + 60)))?.contains("'certificate' has ended") == true)
            #expect(TLSFiles(authority: "/no/such.pem").warning(at: now) == nil)
        }
    }

    @Test("addresses become those of InfluxDB 1 and 2, and secrets headers")
    func endpoints() {
        func address(_ url: String, _ place: InfluxEndpoint.Place) -> String { InfluxEndpoint(url: url, place: place).address }
        #expect(address("http://a:8428/", .database(nil)) == "http://a:8428/write?precision=ms")
        #expect(address("http://a/x", .database("é &")) == "http://a/x/write?precision=ms&db=%C3%A9%20%26")
        #expect(address("http://a/write?db=b&rp=c", .database(nil)) == "http://a/write?precision=ms&db=b&rp=c")
        #expect(
            address("https://a", .bucket("b", organization: "Lutan county"))
                == "https://a/api/v2/write?precision=ms&org=Lutan%20county&bucket=b")
        #expect(
            address("https://a/api/v2/write?org=x&bucket=y", .database(nil))
                == "https://a/api/v2/write?precision=ms&org=x&bucket=y")
        // RFC 7617, section 2.
        let basic = InfluxEndpoint(url: "", credentials: .basic(user: "Aladdin", password: "open sesame"))
        #expect(basic.authorization == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        #expect(InfluxEndpoint(url: "", credentials: .token("t")).authorization == "Token t")
    }
}

import AsyncHTTPClient
import Glibc
package import Historian
import MQTT
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization
package import Telemetry

/// InfluxDB line protocol over HTTP, compressed where that is worth it.
package final class InfluxDestination: Destination {
    /// What one request holds at most, uncompressed. InfluxDB 1.x takes 25 MB unless told otherwise; what stands in between, as a
    /// rule, a megabyte.
    private static let mostBytes = 1 << 20
    /// Below it gzip saves no packet.
    private static let leastCompressed = 1024

    package let name: String
    private let url: String
    private let authorization: String?
    private let configuration: HTTPClient.Configuration
    private let tls: TLSFiles?
    /// Made with the first send: files that cannot be used are then told, and may be mended meanwhile.
    private let client = Mutex<HTTPClient?>(nil)
    private let timeout: TimeAmount
    private let time: any TimeSource

    /// - Parameters:
    ///   - timeout: from the request to the head of its answer.
    ///   - time: for a receiver that says until when it wants to be left alone.
    package init(
        name: String, endpoint: InfluxEndpoint, timeout: Duration = .seconds(15), time: any TimeSource = SystemTime()
    ) {
        self.name = name
        self.time = time
        url = endpoint.address
        authorization = endpoint.authorization
        self.timeout = .nanoseconds(max(1_000_000, timeout.wholeNanoseconds))
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1
        // The forwarder waits and tries again itself, and says why.
        configuration.connectionPool.retryConnectionEstablishment = false
        self.configuration = configuration
        tls = endpoint.tls
    }

    /// One that nobody closed, perhaps since nothing ever ran, lets go of its connections all the same.
    deinit { client.withLock { $0 }?.shutdown { _ in } }

    private func connected() throws(DestinationError) -> HTTPClient {
        do {
            return try client.withLock { client in
                if let client { return client }
                var configuration = configuration
                if let tls { configuration.tlsConfiguration = try TLSConfiguration(tls) }
                let made = HTTPClient(configuration: configuration)
                client = made
                return made
            }
        } catch {
            throw .unavailable("the files of 'tls' cannot be used: \(String(describing: error).prefix(200))")
        }
    }

    /// A line has a fault of its own now and then; that most of them have one is the database's: a field of another type, say.
    package var greatestFault: Double { 0.5 }

    package func send(_ entries: [Entry], isLate: Bool) async throws {
        let lines = LineProtocol.encode(entries)
        var start = 0
        var before = 0
        while start < lines.count {
            let end = Self.end(of: lines, from: start)
            let body = lines[start..<end]
            do { try await post(body) } catch DestinationError.refusedSome(let faults) {
                throw DestinationError.refusedSome(
                    faults.map { .init(sample: before + $0.sample, reason: $0.reason, isCertain: $0.isCertain) })
            }
            if end < lines.count { before += body.count { $0 == UInt8(ascii: "\n") } }
            start = end
        }
    }

    /// As many whole lines as one request holds; at least one.
    private static func end(of lines: [UInt8], from start: Int) -> Int {
        guard lines.count - start > mostBytes else { return lines.count }
        let newline = UInt8(ascii: "\n")
        let last = lines[start..<start + mostBytes].lastIndex(of: newline) ?? lines[start...].firstIndex(of: newline)
        return last.map { $0 + 1 } ?? lines.count
    }

    private func post(_ lines: ArraySlice<UInt8>) async throws {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "text/plain; charset=utf-8")
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        let body = ByteBuffer(bytes: lines)
        if lines.count >= Self.leastCompressed, let compressed = Gzip.compressed(body) {
            request.headers.add(name: "Content-Encoding", value: "gzip")
            request.body = .bytes(compressed)
        } else {
            request.body = .bytes(body)
        }
        let client = try connected()
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: timeout)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw DestinationError.unavailable(Self.words(error))
        }
        if response.status == .noContent { return }
        var answer = WriteAnswer(status: response.status.code, phrase: response.status.reasonPhrase)
        // What the receiver says names the lines at fault, or is worth a line in the log, and no more than that of our memory.
        answer.body = ((try? await response.body.collect(upTo: 1 << 18)).map { Array($0.readableBytesView) }) ?? []
        answer.retryAfter = response.headers.first(name: "Retry-After")
        answer.date = response.headers.first(name: "Date")
        let sent = { String(decoding: lines, as: UTF8.self).split(separator: "\n") }
        if let failure = answer.failure(lines: sent(), now: time.now().wall) { throw failure }
    }

    package func close() async { try? await client.withLock { $0 }?.shutdown() }

    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout: "no answer in time"
        case let error as HTTPClientError where error == .connectTimeout: "no connection in time"
        case let error as HTTPClientError: "no exchange with the receiver: \(error.shortDescription)"
        case let error as IOError: "no exchange with the receiver: \(String(cString: strerror(error.errnoCode)))"
        case let error as NIOSSLError: "no secure connection: \(Self.words(error))"
        default: "no exchange with the receiver: \(String(describing: error).prefix(200))"
        }
    }

    private static func words(_ error: NIOSSLError) -> String {
        let said = String(describing: error)
        if said.contains("CERTIFICATE_VERIFY_FAILED") {
            return "the receiver's certificate is not to be trusted by 'ca'"
        }
        return String(said.prefix(200))
    }
}

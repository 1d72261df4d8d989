import AsyncHTTPClient
import Glibc
package import Historian
import NIOCore
import NIOHTTP1
import Telemetry

/// InfluxDB line protocol over HTTP.
///
/// Only 204 is an acknowledgement: it is what a write endpoint answers, and what a login page, a proxy or a redirect in between
/// does not.
package final class InfluxDestination: Destination {
    package let name: String
    private let url: String
    private let authorization: String?
    private let client: HTTPClient
    private let timeout: TimeAmount

    /// - Parameters:
    ///   - url: the server's own, as `http://127.0.0.1:8428`; `/write?precision=ms` is added.
    ///   - database: for servers that have several.
    ///   - authorization: the header's value, as `Token …`. It appears in no error and no log.
    ///   - timeout: from the request to the head of its answer.
    package init(
        name: String, url: String, database: String? = nil, authorization: String? = nil, timeout: Duration = .seconds(15)
    ) {
        self.name = name
        self.authorization = authorization
        self.timeout = .nanoseconds(max(1_000_000, timeout.wholeNanoseconds))
        var address = url
        while address.hasSuffix("/") { address.removeLast() }
        address += "/write?precision=ms"
        if let database { address += "&db=" + Self.percentEncoded(database) }
        self.url = address
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1
        // The forwarder waits and tries again itself, and says why.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(configuration: configuration)
    }

    /// One that nobody closed, perhaps since nothing ever ran, lets go of its connections all the same.
    deinit { client.shutdown { _ in } }

    package func send(_ entries: [Entry], isLate: Bool) async throws {
        let lines = LineProtocol.encode(entries)
        if lines.isEmpty { return }
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "text/plain; charset=utf-8")
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        request.body = .bytes(ByteBuffer(bytes: lines))
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: timeout)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw DestinationError.unavailable(Self.words(error))
        }
        guard response.status != .noContent else { return }
        // What the receiver says is worth a line in the log, and no more than that of our memory.
        let body = try? await response.body.collect(upTo: 4096)
        let said = body.map { String(decoding: $0.readableBytesView.prefix(200), as: UTF8.self) }
        throw Self.error(response.status, said: said ?? "", retryAfter: response.headers.first(name: "Retry-After"))
    }

    package func close() async { try? await client.shutdown() }

    static func error(_ status: HTTPResponseStatus, said: String, retryAfter: String?) -> DestinationError {
        let line = said.split(whereSeparator: \.isNewline).first.map { ", \"\($0)\"" } ?? ""
        let answer = "HTTP \(status.code) \(status.reasonPhrase)\(line)"
        switch status.code {
        // 413: a smaller piece may pass, and halving finds it.
        case 400, 413, 422: return .refused(answer)
        case 200:
            return .unavailable("\(answer): not what a write endpoint says; is something else answering at this address?")
        case 401, 403: return .unavailable("\(answer): the credentials are not accepted")
        case 300..<400: return .unavailable("\(answer): the address has moved, and readings do not follow by themselves")
        default:
            let seconds = retryAfter.flatMap { Int64($0) }.map { min(max(0, $0), 86_400) }
            return .unavailable(answer, retryAfter: seconds.map { .seconds($0) })
        }
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout: "no answer in time"
        case let error as HTTPClientError where error == .connectTimeout: "no connection in time"
        case let error as HTTPClientError: "no exchange with the receiver: \(error.shortDescription)"
        case let error as IOError: "no exchange with the receiver: \(String(cString: strerror(error.errnoCode)))"
        default: "no exchange with the receiver: \(String(describing: error).prefix(200))"
        }
    }

    /// RFC 3986, section 2.3: everything but the unreserved characters.
    private static func percentEncoded(_ text: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        return text.utf8.reduce(into: "") { encoded, byte in
            if plain.contains(byte) {
                encoded.unicodeScalars.append(UnicodeScalar(byte))
            } else {
                encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}

import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// An HTTP server in this process whose write endpoint answers as it is told.
final class Receiver: Sendable {
    struct Answer: Sendable {
        var status = 204
        var body = ""
        var headers: [String: String] = [:]
    }

    private struct State {
        var bodies: [String] = []
        var paths: [String] = []
        var authorizations: [String?] = []
    }

    private let answer: @Sendable (_ body: String) -> Answer
    private let state = Mutex(State())

    init(answer: @escaping @Sendable (_ body: String) -> Answer = { _ in Answer() }) { self.answer = answer }

    /// The lines of the requests that were answered with 204.
    var lines: [String] { state.withLock { $0.bodies.flatMap { $0.split(separator: "\n").map(String.init) } } }
    var paths: [String] { state.withLock { $0.paths } }
    var authorizations: [String?] { state.withLock { $0.authorizations } }

    /// Serves for as long as the body takes, which is given the address.
    func serve<Value: Sendable>(_ body: @Sendable (_ url: String) async throws -> Value) async throws -> Value {
        let router = Router()
        router.post("/write") { [self] request, _ in
            let body = String(buffer: try await request.body.collect(upTo: 16 << 20))
            return respond(to: request, body: body)
        }
        let (ports, port) = AsyncStream<Int>.makeStream()
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) }, logger: quiet)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            defer { group.cancelAll() }
            guard let port = await ports.first(where: { _ in true }) else { throw CancellationError() }
            return try await body("http://127.0.0.1:\(port)")
        }
    }

    private func respond(to request: Request, body: String) -> Response {
        let answer = answer(body)
        state.withLock { state in
            state.paths.append("\(request.uri)")
            state.authorizations.append(request.headers[.authorization])
            if answer.status == 204 { state.bodies.append(body) }
        }
        var headers = HTTPFields()
        for (name, value) in answer.headers { if let name = HTTPField.Name(name) { headers[name] = value } }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: answer.body.isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(string: answer.body)))
    }
}

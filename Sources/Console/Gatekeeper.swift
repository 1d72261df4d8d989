import FoundationEssentials
import Hummingbird
import Logging

/// Stands before every route: refuses what no route serves, turns errors into short JSON, and puts the security headers on
/// every answer.
struct Gatekeeper: RouterMiddleware {
    typealias Context = ConsoleContext

    static let longestTarget = 1024
    /// The only addresses that take an order, and by which methods.
    static let orders: [String: [HTTPRequest.Method]] = Dictionary(
        uniqueKeysWithValues: [("/api/session", [.post, .delete]), ("/api/alarms/order", [.post])]
            + Routes.machineOrders.map { ("/api/machines/\($0)", [.post]) })
    /// Everything the pages need comes from here, and nobody may frame them.
    static let policy = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"

    @concurrent func handle(
        _ request: Request, context: ConsoleContext, next: @concurrent (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            try admit(request)
            response = try await next(request, context)
        } catch let refusal as Refusal {
            response = answer(refusal)
        } catch let error as HTTPError {
            let text = error.status == .notFound ? "There is nothing at this address." : error.body ?? error.status.reasonPhrase
            response = answer(Refusal(error.status, text))
        } catch {
            context.logger.error("a request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            response = answer(Refusal(.internalServerError, "The gateway could not answer this; its log says why."))
        }
        response.headers[.contentSecurityPolicy] = Self.policy
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }

    private func admit(_ request: Request) throws(Refusal) {
        guard (request.head.path ?? "").utf8.count <= Self.longestTarget else {
            throw Refusal(.uriTooLong, "The address is longer than \(Self.longestTarget) bytes.")
        }
        let length = request.headers[.contentLength] ?? "0"
        if Self.orders[request.uri.path]?.contains(request.method) == true {
            try admitOrder(request)
            guard (Int(length) ?? .max) <= Doorkeeper.longestBody else {
                throw Refusal(.contentTooLarge, "A request here has at most \(Doorkeeper.longestBody) bytes.")
            }
            return
        }
        guard request.method == .get || request.method == .head else {
            throw Refusal(.methodNotAllowed, "Only GET and HEAD are served here.")
        }
        guard length == "0", request.headers[.transferEncoding] == nil else {
            throw Refusal(.contentTooLarge, "A request here carries no body.")
        }
    }

    /// A browser says where a request comes from; only our own pages may give orders in a person's name. What says nothing is no
    /// browser of today, and must say it all the same.
    private func admitOrder(_ request: Request) throws(Refusal) {
        let type = request.headers[.contentType]?.split(separator: ";").first.map { $0.lowercased() }
        guard request.method == .delete || type == "application/json" else {
            throw Refusal(.unsupportedMediaType, "An order is JSON: Content-Type: application/json.")
        }
        let site = request.headers.first { $0.name.canonicalName == "sec-fetch-site" }?.value
        let isOurs = request.headers[.origin].map { origin in
            origin.firstRange(of: "://").map { origin[$0.upperBound...] == request.head.authority ?? "" } ?? false
        }
        guard isOurs != false, site == nil || site == "same-origin", isOurs != nil || site != nil else {
            throw Refusal(.forbidden, "Orders are taken from this console's own pages only: Origin and Host must agree.")
        }
    }

    private func answer(_ refusal: Refusal) -> Response {
        var response = jsonAnswer(["error": refusal.text], status: refusal.status)
        if refusal.status == .methodNotAllowed { response.headers[.allow] = "GET, HEAD" }
        if refusal.status == .serviceUnavailable { response.headers[.retryAfter] = "5" }
        return response
    }
}

/// An answer as JSON that is never kept by a cache.
func jsonAnswer(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
    let headers: HTTPFields = [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"]
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json(value))))
}

func json(_ value: some Encodable) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        return try encoder.encode(value)
    } catch {
        preconditionFailure("an answer of our own types that JSON cannot hold: \(error)")
    }
}

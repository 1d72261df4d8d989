import Dispatch
import FoundationEssentials
import Hummingbird
import NIOCore
import Synchronization
import Telemetry

/// Knows who is at the door: signs people in and out, and hands whoever may act to the routes that act.
final class Doorkeeper: Sendable {
    /// Of a request with an order. A reason fits in it many times.
    static let longestBody = 16 << 10
    private static let longestPassword = 256

    private let people: People?
    private let time: any TimeSource
    private let record: @Sendable (Event) -> Void
    private let sessions = Sessions()
    private let brakes = Mutex(Brakes())
    /// A check keeps a core busy; more than two at a time would keep it from the pumps.
    private let gate = Gate(limit: 2)

    /// - Parameter people: nil where nobody may act here.
    init(people: People?, time: any TimeSource, record: @escaping @Sendable (Event) -> Void) {
        self.people = people
        self.time = time
        self.record = record
    }

    var isReadOnly: Bool { people == nil }

    /// Whoever the request's cookie stands for; nil for anyone else.
    func person(of request: Request) -> Person? { token(of: request).flatMap { sessions.person($0, at: time.now().monotonic) } }

    /// Whoever may do what needs this role at least.
    func person(of request: Request, atLeast role: Person.Role) throws(Refusal) -> Person {
        guard people != nil else {
            throw Refusal(.forbidden, "This console is read-only: the site file names no people. See 'people' under 'console'.")
        }
        guard let person = person(of: request) else { throw Refusal(.unauthorized, "Sign in first.") }
        guard person.role >= role else {
            throw Refusal(.forbidden, "\(person.title) is a \(person.role.rawValue); this needs the role \(role.rawValue).")
        }
        return person
    }

    /// As the people's file has it.
    func phone(of person: Person) -> String? { people?.entries.first { $0.person.name == person.name }?.phone }

    func signIn(_ request: Request, from address: String) async throws -> Response {
        struct Body: Decodable { let name: String, password: String }
        guard let people else {
            throw Refusal(.forbidden, "This console is read-only: the site file names no people. See 'people' under 'console'.")
        }
        let body: Body = try await Self.body(of: request, "{ \"name\": …, \"password\": … }")
        guard body.name.utf8.count <= 64, body.password.utf8.count <= Self.longestPassword else {
            throw Refusal(.badRequest, "A name has at most 64 bytes, a password \(Self.longestPassword).")
        }
        let keys = ["name \(body.name)", "address \(address)"]
        let now = time.now()
        guard gate.enter() else { throw Refusal(.serviceUnavailable, "Others are signing in; try again.") }
        defer { gate.leave() }
        if let wait = brakes.withLock({ $0.attempt(keys, at: now.monotonic) }) {
            throw Refusal(.tooManyRequests, "Too many attempts; wait \(wait.wholeMilliseconds / 1000 + 1) s.")
        }
        let found = await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async {
                continuation.resume(returning: people.person(body.name, password: body.password))
            }
        }
        guard let person = found else {
            // What is typed by mistake is a password as often as not.
            let shown = people.entries.contains { $0.person.name == body.name } ? "'\(body.name)'" : "a name that is not known"
            note("sign-in refused for \(shown) from \(address)", "console", at: now)
            throw Refusal(.unauthorized, "Name or password is wrong.")
        }
        brakes.withLock { $0.succeeded(keys) }
        note("signed in from \(address)", person.name, at: now)
        let token = sessions.begin(person, at: time.now().monotonic)
        return SessionAnswer(person, isReadOnly: false).response(cookie: token, for: Sessions.span)
    }

    func signOut(_ request: Request) -> Response {
        if let person = token(of: request).flatMap({ sessions.end($0) }) { note("signed out", person.name, at: time.now()) }
        return SessionAnswer(nil, isReadOnly: isReadOnly).response(cookie: "", for: .zero)
    }

    /// A request's body as JSON of a shape.
    static func body<Body: Decodable>(of request: Request, _ shape: String) async throws -> Body {
        let bytes: ByteBuffer
        do {
            bytes = try await request.body.collect(upTo: longestBody)
        } catch is NIOTooManyBytesError {
            throw Refusal(.contentTooLarge, "A request here has at most \(longestBody) bytes.")
        }
        guard let body = try? JSONDecoder().decode(Body.self, from: Data(bytes.readableBytesView)) else {
            throw Refusal(.badRequest, "The body is not JSON of the form \(shape).")
        }
        return body
    }

    private func token(of request: Request) -> String? {
        for cookie in (request.headers[.cookie] ?? "").split(separator: ";") {
            let pair = cookie.split(separator: "=", maxSplits: 1).map { $0.trimmingPrefix { $0 == " " } }
            if pair.count == 2, pair[0] == Sessions.cookie { return String(pair[1]) }
        }
        return nil
    }

    private func note(_ text: String, _ who: String, at now: Moment) {
        record(Event(time: now.wall, kind: .gateway, subject: "console", origin: who, text: text))
    }
}

/// Who is signed in, as JSON.
struct SessionAnswer: Encodable {
    let person: Person?
    let isReadOnly: Bool

    init(_ person: Person?, isReadOnly: Bool) {
        self.person = person
        self.isReadOnly = isReadOnly
    }

    /// The cookie is out of reach of scripts and of other sites.
    func response(cookie: String, for span: Duration) -> Response {
        var response = jsonAnswer(self)
        let seconds = span.wholeMilliseconds / 1000
        response.headers[.setCookie] = "\(Sessions.cookie)=\(cookie); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict"
        return response
    }
}

import FoundationEssentials
import Synchronization
import Telemetry

/// Who is signed in, by the token in their cookie. In memory alone: a restart signs everyone out.
final class Sessions: Sendable {
    private struct Session: Sendable {
        let person: Person
        let ends: Monotonic
    }

    /// A shift.
    static let span = Duration.seconds(12 * 3600)
    static let cookie = "headgate"
    /// At a time; the oldest end.
    private static let most = 256

    private let sessions = Mutex<[String: Session]>([:])

    /// - Returns: the token.
    func begin(_ person: Person, at now: Monotonic) -> String {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let token = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        sessions.withLock { sessions in
            sessions = sessions.filter { $0.value.ends > now }
            if sessions.count >= Self.most, let oldest = sessions.min(by: { $0.value.ends < $1.value.ends }) { sessions[oldest.key] = nil }
            sessions[token] = Session(person: person, ends: now + Self.span)
        }
        return token
    }

    func person(_ token: String, at now: Monotonic) -> Person? {
        sessions.withLock { sessions in sessions[token].flatMap { $0.ends > now ? $0.person : nil } }
    }

    /// - Returns: whose it was.
    func end(_ token: String) -> Person? { sessions.withLock { $0.removeValue(forKey: token) }?.person }
}

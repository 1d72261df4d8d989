package import Telemetry

/// A person's lock on a machine somebody works at. Nothing starts it while there is one.
///
/// It keeps this gateway from commanding; it separates nobody from the supply, and every text that shows one says so.
package struct LockOut: Sendable, Hashable, Codable {
    /// `site/device`, or `site/device/point`.
    package let subject: String
    package let person: String
    package let phone: String
    package let reason: String
    package let since: Timestamp

    package init(subject: String, person: String, phone: String, reason: String, since: Timestamp) {
        self.subject = subject
        self.person = person
        self.phone = phone
        self.reason = reason
        self.since = since
    }

    package static let warning = "a software lock-out, not an isolation of energy"

    /// `locked out by 检修工 (13800000000): new seal; a software lock-out, not an isolation of energy`
    package var words: String { "locked out by \(person) (\(phone)): \(reason); \(Self.warning)" }

    func covers(_ name: PointName) -> Bool { subject == "\(name.site)/\(name.device)" || subject == name.description }
}

/// All that is known of lock-outs, in a form that can be stored.
package struct LockBook: Sendable, Hashable, Codable {
    /// Of this form.
    package static let version = 1

    package let version: Int
    package let locks: [LockOut]
    /// Why nothing starts until a supervisor says otherwise; nil while that is not so.
    package let seal: String?

    package init(locks: [LockOut] = [], seal: String? = nil) {
        version = Self.version
        self.locks = locks
        self.seal = seal
    }
}

/// Who asks for something only some may do.
package enum Role: String, Sendable, CaseIterable {
    case worker, supervisor
}

/// What a person is told.
package enum PersonAnswer: Sendable, Hashable {
    case done(String)
    /// It is not done; asked again with a confirmation it will be.
    case toBeConfirmed(String)
    case refused(String)
}

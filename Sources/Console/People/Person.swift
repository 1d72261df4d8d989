/// Someone who is known to the console.
package struct Person: Sendable, Hashable, Encodable {
    package enum Role: String, Sendable, CaseIterable, Encodable, Comparable {
        /// Looks.
        case viewer
        /// Acts.
        case `operator`
        /// Acts, and takes away what protects others.
        case supervisor

        package static func < (a: Role, b: Role) -> Bool { a.rank < b.rank }

        private var rank: Int {
            switch self {
            case .viewer: 0
            case .operator: 1
            case .supervisor: 2
            }
        }
    }

    /// Signed in with, and written into the history.
    package let name: String
    package let title: String
    package let role: Role

    package init(name: String, title: String, role: Role) {
        self.name = name
        self.title = title
        self.role = role
    }
}

/// Everyone who may sign in.
package struct People: Sendable {
    package struct Entry: Sendable {
        package let person: Person
        package let phone: String
        let password: PasswordHash

        package init(person: Person, phone: String, password: PasswordHash) {
            self.person = person
            self.phone = phone
            self.password = password
        }
    }

    package let entries: [Entry]
    /// Checked for whoever is not known, so that the time of an answer does not tell who is.
    private let stranger: PasswordHash

    package init(_ entries: [Entry]) {
        self.entries = entries
        let rounds = entries.map(\.password.rounds).max() ?? PasswordHash.usualRounds
        stranger = PasswordHash(rounds: rounds, salt: Array(repeating: 0, count: 16), key: Array(repeating: 0, count: 32))
    }

    /// Takes a good part of a second, on purpose.
    func person(_ name: String, password: String) -> Person? {
        let entry = entries.first { $0.person.name == name }
        let isRight = (entry?.password ?? stranger).matches(password)
        return isRight ? entry?.person : nil
    }
}

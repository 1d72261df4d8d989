import Crypto
import CryptoExtras
import FoundationEssentials

/// A password as it is kept: PBKDF2 with HMAC-SHA-256 (RFC 8018, 5.2), written `pbkdf2-sha256$rounds$salt$key`, the last two in
/// base64.
package struct PasswordHash: Sendable, Hashable, CustomStringConvertible {
    /// What OWASP's sheet on password storage asks of PBKDF2 with HMAC-SHA-256 (2023).
    package static let usualRounds = 600_000
    /// Fewer are refused in files by the library we derive keys with, and by us.
    package static let fewestRounds = 210_000
    /// More would let a file hold up the console for minutes.
    private static let mostRounds = 10_000_000
    private static let word = "pbkdf2-sha256"
    private static let keyBytes = 32

    package let rounds: Int
    let salt: [UInt8]
    let key: [UInt8]

    init(rounds: Int, salt: [UInt8], key: [UInt8]) {
        self.rounds = rounds
        self.salt = salt
        self.key = key
    }

    /// A new one, with salt of its own.
    package init(of password: String, rounds: Int = usualRounds) {
        var random = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        self.init(rounds: rounds, salt: salt, key: Self.derive(password, salt, rounds) ?? [])
    }

    /// nil for a text that is none.
    package init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == Self.word, let rounds = Int(parts[1]), (1...Self.mostRounds).contains(rounds),
            let salt = Data(base64Encoded: parts[2]), (4...64).contains(salt.count),
            let key = Data(base64Encoded: parts[3]), key.count == Self.keyBytes
        else { return nil }
        self.init(rounds: rounds, salt: Array(salt), key: Array(key))
    }

    package var description: String {
        "\(Self.word)$\(rounds)$\(Data(salt).base64EncodedString())$\(Data(key).base64EncodedString())"
    }

    /// Blocks for as long as the rounds take.
    package func matches(_ password: String) -> Bool {
        guard let other = Self.derive(password, salt, rounds), other.count == key.count, !key.isEmpty else { return false }
        // As long for a wrong first byte as for a wrong last one.
        return zip(other, key).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func derive(_ password: String, _ salt: [UInt8], _ rounds: Int) -> [UInt8]? {
        let key = try? KDF.Insecure.PBKDF2.deriveKey(
            from: Array(password.utf8), salt: salt, using: .sha256, outputByteCount: keyBytes, unsafeUncheckedRounds: rounds)
        return key?.withUnsafeBytes { Array($0) }
    }
}

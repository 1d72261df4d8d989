import FoundationEssentials
package import MQTT

/// Where line protocol is written to, by whom, and over which security.
///
/// InfluxDB 1.x and VictoriaMetrics have `/write`, with a database where there are several, and a user with a password; 2.x and 3
/// have `/api/v2/write`, with an organization, a bucket and a token. An address whose path ends in `write` is taken as it stands.
package struct InfluxEndpoint: Sendable {
    package enum Place: Hashable, Sendable {
        case database(String?)
        case bucket(String, organization: String?)
    }

    package enum Credentials: Hashable, Sendable {
        case basic(user: String, password: String)
        case token(String)
    }

    package var url: String
    package var place: Place
    /// Appears in no error and no log.
    package var credentials: Credentials?
    package var tls: TLSFiles?

    package init(url: String, place: Place = .database(nil), credentials: Credentials? = nil, tls: TLSFiles? = nil) {
        self.url = url
        self.place = place
        self.credentials = credentials
        self.tls = tls
    }

    /// Times go in milliseconds, whatever the address says.
    var address: String {
        var parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        while parts[0].hasSuffix("/") { parts[0].removeLast() }
        var query = ["precision=ms"] + (parts.count > 1 ? [parts[1]] : [])
        let isWhole = parts[0].hasSuffix("/write")
        switch place {
        case .database(let name):
            if !isWhole { parts[0] += "/write" }
            if let name { query.append("db=" + Self.percentEncoded(name)) }
        case .bucket(let bucket, let organization):
            if !isWhole { parts[0] += "/api/v2/write" }
            if let organization { query.append("org=" + Self.percentEncoded(organization)) }
            query.append("bucket=" + Self.percentEncoded(bucket))
        }
        return parts[0] + "?" + query.joined(separator: "&")
    }

    /// The value of the header.
    var authorization: String? {
        switch credentials {
        case nil: nil
        case .basic(let user, let password): "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
        case .token(let token): "Token " + token
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

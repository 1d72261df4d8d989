import Synchronization

/// The time zones an expression may name: `+05:45`, `-02:30`, `UTC`, and the names of the IANA database.
package final class TimeZones: Sendable {
    /// The bytes of a zone's TZif file; nil where there is none of that name.
    package typealias Loader = @Sendable (_ name: String) -> [UInt8]?

    private let load: Loader
    private let known = Mutex<[String: ZoneRules]>([:])
    /// Names come from expressions; more than this many are read anew each time, so that the table stays small.
    private static let most = 64

    package init(loader: @escaping Loader) { load = loader }

    /// The machine's own database, `/usr/share/zoneinfo`.
    package static let system = TimeZones { name in ZoneFile.read("/usr/share/zoneinfo/" + name) }

    /// Seconds east of UTC in a zone at a moment.
    func offset(of zone: String, at time: Timestamp) throws(EvaluationError) -> Int64 {
        try offset(of: zone, at: time.seconds)
    }

    /// The same at seconds since 1970-01-01T00:00:00Z.
    package func offset(of zone: String, at seconds: Int64) throws(EvaluationError) -> Int64 {
        if zone == "UTC" || zone == "Z" { return 0 }
        if let fixed = Self.fixed(zone) { return fixed }
        if let rules = known.withLock({ $0[zone] }) { return rules.offset(at: seconds) }
        guard Self.isName(zone), let bytes = load(zone) else { throw .refused("there is no time zone '\(zone.prefix(64))'") }
        guard let rules = ZoneRules(bytes) else { throw .refused("the time zone '\(zone)' cannot be read: not a TZif file") }
        known.withLock { if $0.count < Self.most { $0[zone] = rules } }
        return rules.offset(at: seconds)
    }

    /// `+hh:mm`, `-hh:mm` or `hh:mm`.
    private static func fixed(_ zone: String) -> Int64? {
        var digits = Array(zone.utf8)
        let isWest = digits.first == UInt8(ascii: "-")
        if isWest || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
        guard digits.count == 5, digits[2] == UInt8(ascii: ":"),
            let hours = Int64(String(decoding: digits[..<2], as: UTF8.self)),
            let minutes = Int64(String(decoding: digits[3...], as: UTF8.self)),
            (0...23).contains(hours), (0...59).contains(minutes)
        else { return nil }
        return (isWest ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    /// Whether the text can be a zone's name. It becomes part of a path, so it must not lead out of the database.
    private static func isName(_ zone: String) -> Bool {
        guard zone.utf8.count <= 64, zone.unicodeScalars.first?.isNameStart == true else { return false }
        return zone.unicodeScalars.allSatisfy { $0.isNameStart || $0.isDigit || $0 == "/" || $0 == "-" || $0 == "+" }
    }
}

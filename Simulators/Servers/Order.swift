import FoundationEssentials
package import Plants

/// What someone asks of the running county, on `county/set` or `county/fault`, as text or JSON.
package enum Order: Hashable, Sendable {
    /// nil releases it.
    case set(point: String, value: Double?)
    /// nil heals it.
    case fail(device: String, fault: Fault?)
    case storm(peakMillimetresPerHour: Double, minutes: Double)

    /// On `county/set`: `xinzhuang-pump/well/level 3.2`, `… release`, `storm 20 90`,
    /// `{"point": "…", "value": 3.2}`, where null releases.
    package init?(set text: String) {
        if let order = Self.json(text) {
            guard let point = order.point else { return nil }
            self = .set(point: point, value: order.value?.number)
            return
        }
        let words = text.split { $0 == " " || $0 == "\n" }
        switch (words.count, words.first) {
        case (3, "storm"):
            guard let peak = Double(words[1]), let minutes = Double(words[2]), (0...300).contains(peak),
                (0...10_000).contains(minutes)
            else { return nil }
            self = .storm(peakMillimetresPerHour: peak, minutes: minutes)
        case (2, let point?) where point.contains("/"):
            if words[1] == "release" {
                self = .set(point: String(point), value: nil)
            } else {
                guard let value = Self.number(words[1]) else { return nil }
                self = .set(point: String(point), value: value)
            }
        default: return nil
        }
    }

    /// On `county/fault`: `xinzhuang-pump/well: dead`, `…: none`, `{"device": "…", "fault": "slow 800"}`, where null heals.
    package init?(fault text: String) {
        let device: String
        let words: String
        if let order = Self.json(text) {
            guard let name = order.device else { return nil }
            device = name
            words = order.fault ?? "none"
        } else {
            guard let colon = text.firstIndex(of: ":") else { return nil }
            device = Self.trimmed(text[..<colon])
            words = Self.trimmed(text[text.index(after: colon)...])
        }
        if words == "none" {
            self = .fail(device: device, fault: nil)
        } else {
            guard let fault = Fault(words) else { return nil }
            self = .fail(device: device, fault: fault)
        }
    }

    private struct Fields: Decodable {
        /// A number, or a truth value as 1 or 0.
        struct Number: Decodable {
            let number: Double

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let flag = try? container.decode(Bool.self) {
                    number = flag ? 1 : 0
                } else {
                    number = try container.decode(Double.self)
                }
            }
        }
        let point: String?
        let value: Number?
        let device: String?
        let fault: String?
    }

    private static func json(_ text: String) -> Fields? {
        try? JSONDecoder().decode(Fields.self, from: Data(text.utf8))
    }

    private static func number(_ word: Substring) -> Double? {
        switch word {
        case "true": 1
        case "false": 0
        default: Double(word).flatMap { $0.isFinite ? $0 : nil }
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}

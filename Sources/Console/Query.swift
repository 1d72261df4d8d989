import Hummingbird
import Telemetry

/// A request's parameters, checked.
struct Query {
    private let values: [(name: String, value: String)]

    init(_ request: Request) {
        values = request.uri.queryParameters.map { (String($0.key), String($0.value)) }
    }

    subscript(name: String) -> String? { values.first { $0.name == name }?.value }

    /// Refuses a parameter that would silently be ignored.
    func knows(_ names: [String]) throws(Refusal) {
        for (name, _) in values where !names.contains(name) {
            throw Refusal(
                .badRequest, "There is no parameter '\(name.prefix(64))' here, only: \(names.joined(separator: ", ")).")
        }
    }

    func whole(_ name: String, in range: ClosedRange<Int>) throws(Refusal) -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw Refusal(
                .badRequest,
                "'\(name)' is a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text.prefix(64))'.")
        }
        return number
    }

    /// Milliseconds since 1970, or ISO 8601.
    func time(_ name: String) throws(Refusal) -> Timestamp? {
        guard let text = self[name] else { return nil }
        if let milliseconds = Int64(text) { return Timestamp(milliseconds: milliseconds) }
        guard text.utf8.count <= 40, let time = Timestamp(iso8601: text) else {
            throw Refusal(
                .badRequest,
                "'\(name)' is a time as 2026-06-21T04:00:00Z or in milliseconds since 1970, not '\(text.prefix(64))'.")
        }
        return time
    }
}

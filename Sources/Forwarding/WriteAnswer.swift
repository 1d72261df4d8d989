import FoundationEssentials
import Telemetry

/// What a write endpoint of line protocol said, and what follows from it.
///
/// InfluxDB 1.x names each line that it cannot read and takes the others; 2.x names the first; 3 gives the number of each. Where
/// only their count is told, the batch is halved until they are found.
struct WriteAnswer {
    var status: UInt
    var phrase = ""
    /// Cut off where it is long.
    var body: [UInt8] = []
    /// The header of this name: seconds, or a date.
    var retryAfter: String?
    /// The receiver's clock, if it told it.
    var date: String?

    /// nil where all is taken.
    ///
    /// Only 204 says so: it is what a write endpoint answers, and what a login page, a proxy or a redirect in between does not.
    /// - Parameters:
    ///   - lines: what was sent.
    ///   - now: by this gateway's clock, for a receiver that wants to be left alone until some time and does not tell its own.
    func failure(lines: @autoclosure () -> [Substring], now: Timestamp) -> DestinationError? {
        switch status {
        case 204: return nil
        case 200:
            return .unavailable("\(words): not what a write endpoint says; is something else answering at this address?")
        case 300..<400: return .unavailable("\(words): the address has moved, and readings do not follow by themselves")
        case 400, 422: return refusal(lines())
        case 401:
            return .unavailable("\(words): the credentials are not accepted; look at 'user' and 'password-file', or 'token-file'")
        case 403:
            return .unavailable("\(words): these credentials may not write there; look at 'user' or 'token-file', or grant it")
        case 404:
            return .unavailable("\(words): there is no such place; look at 'influx', and at 'database', or 'org' and 'bucket'")
        case 413: return .tooLarge(words)
        default: return .unavailable(words, retryAfter: patience(at: now))
        }
    }

    private func refusal(_ lines: [Substring]) -> DestinationError {
        let said = Said(body)
        if said.text.contains("database is required") { return .unavailable("\(words): set 'database'") }
        // To send these again would change nothing, and there is nothing wrong with the receiver: it keeps no such old ones.
        if said.text.contains("beyond retention policy"), said.dropped == lines.count {
            return .refusedSome(
                lines.indices.map { .init(sample: $0, reason: "older than the receiver keeps: \(words)", isCertain: true) })
        }
        let faults = said.faults(in: lines)
        return faults.isEmpty ? .refused(words) : .refusedSome(faults)
    }

    /// `HTTP 400 Bad Request, "unable to parse"`.
    private var words: String {
        let said = Said(body).text.split(whereSeparator: \.isNewline).first.map { ", \"\($0.prefix(200))\"" } ?? ""
        return "HTTP \(status) \(phrase)\(said)"
    }

    private func patience(at now: Timestamp) -> Duration? {
        guard let retryAfter else { return nil }
        if let seconds = Int64(retryAfter) { return .seconds(min(max(0, seconds), 86_400)) }
        guard let then = Timestamp(httpDate: retryAfter) else { return nil }
        return min(max(then.since(date.flatMap { Timestamp(httpDate: $0) } ?? now), .zero), .seconds(86_400))
    }
}

/// The body of an answer, in any of the forms that have been.
private struct Said {
    private struct Document: Decodable {
        struct Line: Decodable {
            let error_message: String
            let line_number: Int
        }

        let error: String?
        let message: String?
        let data: [Line]?

        private enum Keys: String, CodingKey { case error, message, data }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            error = try? container.decode(String.self, forKey: .error)
            message = try? container.decode(String.self, forKey: .message)
            data =
                (try? container.decode([Line].self, forKey: .data))
                ?? (try? container.decode(Line.self, forKey: .data)).map { [$0] }
        }
    }

    /// The message alone; the body itself if it is no JSON.
    let text: String
    private let numbered: [Document.Line]

    init(_ body: [UInt8]) {
        let document = body.first == UInt8(ascii: "{") ? try? JSONDecoder().decode(Document.self, from: Data(body)) : nil
        text = document?.error ?? document?.message ?? String(decoding: body, as: UTF8.self)
        numbered = document?.data ?? []
    }

    /// How many points were not taken, where that is told.
    var dropped: Int? {
        guard let range = text.firstRange(of: "dropped=") else { return nil }
        return Int(text[range.upperBound...].prefix { $0.isNumber })
    }

    /// The lines that are named; each of `lines` is a sample.
    func faults(in lines: [Substring]) -> [DestinationError.Fault] {
        var reasons: [Int: String] = [:]
        for line in numbered where (1...max(lines.count, 1)).contains(line.line_number) {
            reasons[line.line_number - 1] = line.error_message
        }
        let opening = "unable to parse '"
        var places: [Substring: [Int]] = [:]
        var rest = text[...]
        while let start = rest.firstRange(of: opening) {
            if places.isEmpty { for (place, line) in lines.enumerated() { places[line, default: []].append(place) } }
            rest = rest[start.upperBound...]
            let complaint = rest.prefix { !$0.isNewline }
            // A line may hold what ends it here, so each end is tried.
            var end = complaint.startIndex
            while let quote = complaint[end...].firstRange(of: "': ") {
                for place in places[complaint[..<quote.lowerBound]] ?? [] {
                    reasons[place] = "unable to parse: \(complaint[quote.upperBound...].prefix(200))"
                }
                end = quote.upperBound
            }
        }
        return reasons.sorted { $0.key < $1.key }.map { .init(sample: $0.key, reason: $0.value, isCertain: false) }
    }
}

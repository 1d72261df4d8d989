package import Control
import Documents
import FoundationEssentials
import Profiles
package import Telemetry

/// A command's payload: a bare JSON value, or an object of which only `value` must be there:
///
///     {"value": 1, "id": "7f3a", "issued": 1782000000000, "expires": 1782000060000, "for": 900}
///
/// Times are in ms since 1970, UTC; `for` is how many seconds the value shall stand; the value null lets go. `"confirm": true` is
/// for a stop that was answered `to be confirmed`. Whatever else arrives is a command too, one that cannot be understood, and is
/// answered so.
package struct CountyCommandText: Sendable {
    private static let longest = 4096
    private static let members = ["value", "id", "issued", "expires", "for", "confirm"]
    /// The last moment of the year 9999.
    private static let lastTime: Int64 = 253_402_300_799_999

    package private(set) var order = RemoteCommand.Order.release
    package private(set) var id: String?
    package private(set) var issued: Timestamp?
    package private(set) var expires: Timestamp?
    package private(set) var hold: Duration?
    package private(set) var isConfirmed = false

    package init(_ payload: [UInt8]) {
        do {
            guard payload.count <= Self.longest else { throw Unreadable("it is longer than \(Self.longest) bytes") }
            guard !payload.isEmpty else { throw Unreadable("it is empty") }
            try read(try Self.parse(payload))
        } catch {
            order = .unreadable("the message cannot be understood: \(error)")
        }
    }

    private static func parse(_ payload: [UInt8]) throws(Unreadable) -> JSON {
        do throws(JSONError) { return try JSON.parse(payload) } catch {
            throw Unreadable("\(error); a value is written as 1, true or \"auto\", or as {\"value\": 1}")
        }
    }

    private mutating func read(_ json: JSON) throws(Unreadable) {
        guard case .object(let object) = json else {
            order = try Self.order(json)
            return
        }
        // The id first, so that whatever is wrong with the rest is answered under it.
        id = try object["id"].map(Self.id)
        if let unknown = object.keys.sorted().first(where: { !Self.members.contains($0) }) {
            let name = String(unknown.prefix(40))
            throw Unreadable("it has no member '\(name)'" + suggestion(for: name, among: Self.members))
        }
        issued = try object["issued"].map { json throws(Unreadable) in try Self.time(json, "issued") }
        expires = try object["expires"].map { json throws(Unreadable) in try Self.time(json, "expires") }
        hold = try object["for"].map(Self.span)
        isConfirmed = try object["confirm"].map(Self.flag) ?? false
        guard let value = object["value"] else { throw Unreadable("it has no 'value'") }
        order = try Self.order(value)
    }

    private static func order(_ json: JSON) throws(Unreadable) -> RemoteCommand.Order {
        switch json {
        case .null: return .release
        case .bool(let value): return .set(.bool(value))
        case .int(let value): return .set(.int(value))
        case .double(let value) where value.isFinite: return .set(.double(value))
        case .double: throw Unreadable("the value is larger than any number")
        case .string(let value): return .set(.string(value))
        case .array, .object: throw Unreadable("the value is \(json.kind)")
        }
    }

    private static func id(_ json: JSON) throws(Unreadable) -> String {
        switch json {
        case .string(let text): return text
        case .int(let number): return "\(number)"
        default: throw Unreadable("'id' is \(json.kind), and should be text")
        }
    }

    private static func time(_ json: JSON, _ name: String) throws(Unreadable) -> Timestamp {
        guard let number = number(json), let whole = Int64(exactly: number.rounded()), (1...lastTime).contains(whole) else {
            throw Unreadable("'\(name)' should be a time in milliseconds since 1970")
        }
        return Timestamp(milliseconds: whole)
    }

    private static func span(_ json: JSON) throws(Unreadable) -> Duration {
        guard let number = number(json), number >= 0.001, number <= 1e9 else { throw Unreadable("'for' should be a number of seconds") }
        return .milliseconds(Int64((number * 1000).rounded()))
    }

    private static func flag(_ json: JSON) throws(Unreadable) -> Bool {
        guard case .bool(let flag) = json else { throw Unreadable("'confirm' is \(json.kind), and should be true or false") }
        return flag
    }

    private static func number(_ json: JSON) -> Double? {
        switch json {
        case .int(let whole): Double(whole)
        case .double(let real): real.isFinite ? real : nil
        default: nil
        }
    }

    // MARK: The answer

    private struct Answer: Encodable {
        let id: String
        let state: String
        let reason: String?
        let value: Scalar?
        let time: Int64
    }

    private struct Scalar: Encodable {
        let value: Value

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch value {
            case .bool(let value): try container.encode(value)
            case .int(let value): try container.encode(value)
            case .uint(let value): try container.encode(value)
            case .double(let value): try value.isFinite ? container.encode(value) : container.encodeNil()
            case .string(let value): try container.encode(value)
            }
        }
    }

    /// `{"id":"7f3a","state":"confirmed","time":1782000000123,"value":1}`, with a `reason` where there is one.
    static func encode(_ answer: RemoteAnswer) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = Answer(
            id: answer.id, state: answer.stage.rawValue, reason: answer.reason, value: answer.value.map(Scalar.init),
            time: answer.time.milliseconds)
        guard let data = try? encoder.encode(text) else { preconditionFailure("texts and numbers that JSON cannot hold") }
        return Array(data)
    }
}

/// Why a payload is no command, in words that end a sentence.
private struct Unreadable: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

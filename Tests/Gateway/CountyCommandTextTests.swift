import Control
import Foundation
import Telemetry
import Testing

@testable import Gateway

@Suite("a command's payload")
struct CountyCommandTextTests {
    private func text(_ payload: String) -> CountyCommandText { CountyCommandText(Array(payload.utf8)) }

    @Test(
        "is a bare JSON value, or an object with one",
        arguments: [
            ("1", RemoteCommand.Order.set(.int(1))), ("true", .set(.bool(true))), ("2.5", .set(.double(2.5))), ("-3", .set(.int(-3))),
            ("\"auto\"", .set(.string("auto"))), (" 1 \n", .set(.int(1))), ("null", .release), ("{\"value\":null}", .release),
            ("{\"value\":1e3}", .set(.double(1000))), ("{\"value\":\"\"}", .set(.string(""))),
        ])
    func values(payload: String, order: RemoteCommand.Order) {
        #expect(text(payload).order == order)
        #expect(text(payload).id == nil && text(payload).hold == nil)
    }

    @Test("may bear an id, its times in ms, and how many seconds it stands")
    func members() {
        let command = text(#"{"value": 1, "id": "7f3a", "issued": 1782000000000, "expires": 1782000060000, "for": 0.5}"#)
        #expect(command.order == .set(.int(1)))
        #expect(command.id == "7f3a")
        #expect(command.issued?.milliseconds == 1_782_000_000_000)
        #expect(command.expires?.milliseconds == 1_782_000_060_000)
        #expect(command.hold == .milliseconds(500))
        #expect(text(#"{"value":1,"id":42}"#).id == "42")
        #expect(!command.isConfirmed)
        #expect(text(#"{"value":false,"confirm":true}"#).isConfirmed)
    }

    @Test(
        "that cannot be understood is a command still, with the reason and, where it can be read, its id",
        arguments: [
            ("", "it is empty"), ("auto", "not JSON"), ("{\"value\":1", "not JSON"), ("1 2", "not JSON"), ("[1]", "a list"),
            ("{}", "no 'value'"), (#"{"value":{}}"#, "an object"), ("1e999", "larger than any number"), ("\u{0}", "not JSON"),
            (#"{"id":"a","value":1,"expire":5}"#, "no member 'expire'; did you mean 'expires'?"),
            (#"{"id":"a","value":1,"for":0}"#, "'for' should be a number of seconds"),
            (#"{"id":"a","value":1,"for":-1}"#, "'for' should be"), (#"{"id":"a","value":1,"for":1e300}"#, "'for' should be"),
            (#"{"id":"a","value":1,"issued":"now"}"#, "'issued' should be a time"),
            (#"{"id":"a","value":1,"expires":-5}"#, "'expires' should be"),
            (#"{"id":"a","value":1,"expires":1e30}"#, "'expires' should be"),
            (#"{"id":"a","value":0,"confirm":1}"#, "'confirm' is a number, and should be true or false"),
            (#"{"id":[],"value":1}"#, "'id' is a list"), (String(repeating: "[", count: 4000), "not JSON"),
            ("\"" + String(repeating: "x", count: 5000) + "\"", "longer than 4096 bytes"),
        ])
    func unreadable(payload: String, why: String) {
        let command = text(payload)
        guard case .unreadable(let reason) = command.order else {
            Issue.record("\(payload) was taken for \(command.order)")
            return
        }
        #expect(reason.contains(why), "\(reason)")
        if payload.hasPrefix("{\"id\":\"a\"") { #expect(command.id == "a") }
    }

    @Test("of any bytes is an order or a reason, never a trap", arguments: 0..<40 as Range<UInt64>)
    func fuzz(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let seeds = [
            #"{"value": 1, "id": "7f3a", "issued": 1782000000000, "expires": 1782000060000, "for": 900}"#, "1", "\"auto\"", "-0.5e-7",
        ]
        for _ in 0..<500 {
            var bytes = Array((seeds.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(contentsOf: bytes[index...].prefix(9), at: index)
                }
            }
            let command = CountyCommandText(bytes)
            if case .unreadable(let why) = command.order { #expect(!why.isEmpty) }
        }
    }

    @Test("is answered with its id, its state, the value and why")
    func answer() throws {
        let answer = try JSONDecoder().decode(
            [String: Field].self,
            from: Data(
                CountyCommandText.encode(
                    RemoteAnswer(
                        id: "a\"b", origin: "c", point: "x", stage: .diverged, reason: "it reads 2", value: .double(2.5),
                        time: Timestamp(milliseconds: 1_782_000_000_123)))))
        #expect(
            answer == [
                "id": .text("a\"b"), "state": .text("diverged"), "reason": .text("it reads 2"), "value": .number(2.5),
                "time": .number(1_782_000_000_123),
            ])
        let bare = CountyCommandText.encode(
            RemoteAnswer(
                id: "a", origin: "c", point: "x", stage: .accepted, reason: nil, value: .double(.infinity),
                time: Timestamp(milliseconds: 5)))
        #expect(String(decoding: bare, as: UTF8.self) == #"{"id":"a","state":"accepted","time":5,"value":null}"#)
    }

    private enum Field: Decodable, Equatable {
        case number(Double), text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }
}

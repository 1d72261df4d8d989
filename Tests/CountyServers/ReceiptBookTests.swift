import Plants
import Testing

@testable import CountyServers

@Suite("Receipts")
struct ReceiptBookTests {
    private func book(_ payloads: [String], limit: Int = 100) -> Receipts {
        var book = ReceiptBook(limit: limit)
        for payload in payloads { book.hear(Array(payload.utf8)) }
        return book.receipts
    }

    private let one = #"{"site":"s","device":"d","time":5,"values":{"a":1.5,"b":null,"c":true},"quality":{"b":"bad stale"}}"#

    @Test("a repeated message is counted, its samples are not distinct")
    func repeats() {
        let receipts = book([one, one])
        #expect(receipts.messages == 2 && receipts.samples == 6 && receipts.distinct == 3 && receipts.isExact)
    }

    @Test("a point's own time counts, not the message's")
    func times() {
        let later = #"{"site":"s","device":"d","time":9,"values":{"a":1,"b":2},"times":{"a":5}}"#
        #expect(book([one, later]).distinct == 4)
        let elsewhere = #"{"site":"s","device":"e","time":5,"values":{"a":1}}"#
        #expect(book([one, elsewhere]).distinct == 4)
    }

    @Test("what is no message is counted as such, and nothing else", arguments: ["", "{}", "[1]", "\u{0}", #"{"site":"s"}"#])
    func unreadable(payload: String) {
        let receipts = book([payload])
        #expect(receipts.unreadable == 1 && receipts.messages == 0 && receipts.samples == 0)
    }

    @Test("beyond its memory the book says that it no longer counts exactly")
    func limit() {
        let receipts = book([one, one], limit: 2)
        #expect(receipts.distinct == 2 && receipts.samples == 6 && !receipts.isExact)
    }
}

@Suite("Orders")
struct OrderTests {
    @Test(
        "a value is set, released, and a storm called, in text and in JSON",
        arguments: [
            ("xinzhuang-pump/well/level 3.25", Order.set(point: "xinzhuang-pump/well/level", value: 3.25)),
            ("a/b/c true", .set(point: "a/b/c", value: 1)), ("a/b/c release", .set(point: "a/b/c", value: nil)),
            (#"{"point":"a/b/c","value":-1e3}"#, .set(point: "a/b/c", value: -1000)),
            (#"{"point":"a/b/c","value":false}"#, .set(point: "a/b/c", value: 0)),
            (#"{"point":"a/b/c","value":null}"#, .set(point: "a/b/c", value: nil)),
            ("storm 20 90", .storm(peakMillimetresPerHour: 20, minutes: 90)), ("storm 20", nil), ("storm -1 5", nil),
            ("a/b/c", nil), ("a/b/c inf", nil), ("a/b/c x", nil), ("", nil), (#"{"value":1}"#, nil),
        ] as [(String, Order?)])
    func setting(text: String, order: Order?) {
        #expect(Order(set: text) == order)
    }

    @Test(
        "a device is made to fail and healed, in text and in JSON",
        arguments: [
            ("xinzhuang-pump/well: dead", Order.fail(device: "xinzhuang-pump/well", fault: .dead)),
            (" a/b :slow 20 ", .fail(device: "a/b", fault: .slow(milliseconds: 20))),
            ("a/b: none", .fail(device: "a/b", fault: nil)),
            (#"{"device":"a/b","fault":"frozen level"}"#, .fail(device: "a/b", fault: .frozen(point: "level"))),
            (#"{"device":"a/b","fault":null}"#, .fail(device: "a/b", fault: nil)), ("a/b dead", nil), ("a/b: ill", nil),
        ] as [(String, Order?)])
    func failing(text: String, order: Order?) {
        #expect(Order(fault: text) == order)
    }

    @Test("a broker is host and port, or a path")
    func broker() {
        #expect(BrokerAddress("127.0.0.1:1883") == BrokerAddress(host: "127.0.0.1", port: 1883))
        #expect(BrokerAddress("/tmp/s") == BrokerAddress(socket: "/tmp/s"))
        for wrong in ["", "a", "a:0", "a:65536", ":1", "a:b", "a:1:2", "none"] { #expect(BrokerAddress(wrong) == nil) }
    }
}

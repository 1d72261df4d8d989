import Telemetry
import Testing

@testable import Forwarding

@Suite("The answer of a write endpoint")
struct WriteAnswerTests {
    private let lines = [
        "headgate,site=a value=1 5", "headgate,site=a value=nope 6", "headgate,site=b value=2 7", "headgate,site=\"x text=1z 9",
    ]
    private let now = Timestamp(milliseconds: 784_111_777_000)  // Sun, 06 Nov 1994 08:49:37 GMT

    private func failure(_ status: UInt, _ body: String = "", retryAfter: String? = nil, date: String? = nil) -> DestinationError?
    {
        let answer = WriteAnswer(status: status, phrase: "X", body: Array(body.utf8), retryAfter: retryAfter, date: date)
        return answer.failure(lines: lines.map { $0[...] }, now: now)
    }

    private func places(_ failure: DestinationError?) -> [Int]? {
        if case .refusedSome(let faults) = failure { faults.map(\.sample) } else { nil }
    }

    // The bodies below are what InfluxDB 1.6.7 of Debian answers to these very lines.
    @Test("of InfluxDB 1.x names the lines that cannot be read, by their text")
    func version1() {
        let body =
            #"{"error":"partial write: unable to parse 'headgate,site=a value=nope 6': invalid number\nunable to parse "#
            + #"'headgate,site=\"x text=1z 9': invalid number dropped=0"}"#
        #expect(places(failure(400, body)) == [1, 3])
        guard case .refusedSome(let faults) = failure(400, body) else { return }
        #expect(faults.map(\.reason) == ["unable to parse: invalid number", "unable to parse: invalid number dropped=0"])
        #expect(faults.allSatisfy { !$0.isCertain })
    }

    // The forms of the later ones: docs.influxdata.com, /api/v2/write of InfluxDB 2.7 and 3 Core, "Troubleshoot issues writing data".
    @Test("of InfluxDB 2 and 3 names them by text and by number")
    func later() {
        let second = #"{"code":"invalid","message":"unable to parse 'headgate,site=a value=nope 6': invalid number"}"#
        #expect(places(failure(400, second)) == [1])
        let third = """
            {"error":"partial write of line protocol occurred","data":[{"original_line":"x","line_number":4,"error_message":"no"},
            {"original_line":"y","line_number":400,"error_message":"no"}]}
            """
        #expect(places(failure(400, third)) == [3])
    }

    @Test("that names no line of ours, or only counts them, leaves the search to us")
    func unnamed() {
        let conflict =
            #"{"error":"partial write: field type conflict: input field \"value\" on measurement \"headgate\" is type string, "#
            + #"already exists as type float dropped=2"}"#
        guard case .refused(let why) = failure(400, conflict) else {
            Issue.record("a count is no name")
            return
        }
        #expect(why.contains("already exists as type float"))
        #expect(
            failure(400, "unable to parse 'something else': no")
                == .refused("HTTP 400 X, \"unable to parse 'something else': no\""))
    }

    @Test("to samples that are older than what is kept costs them, and nothing else; where only some are, they are looked for")
    func tooOld() {
        #expect(places(failure(400, #"{"error":"partial write: points beyond retention policy dropped=4"}"#)) == [0, 1, 2, 3])
        guard case .refused = failure(400, #"{"error":"partial write: points beyond retention policy dropped=1"}"#) else {
            Issue.record("one of four is not all")
            return
        }
    }

    @Test("that is about the settings says which to look at", arguments: [401, 403, 404] as [UInt])
    func settings(status: UInt) {
        guard case .unavailable(let why, nil) = failure(status) else {
            Issue.record("samples are not at fault")
            return
        }
        #expect(why.contains("look at 'user'") || why.contains("look at 'influx'") || why.contains("'password-file'"))
        #expect(
            failure(400, #"{"error":"database is required"}"#)
                == .unavailable("HTTP 400 X, \"database is required\": set 'database'"))
    }

    @Test(
        "says how long to wait in seconds, or until when: by its own clock if it tells it, else by ours",
        arguments: [
            ("120", nil, Duration.seconds(120)), ("-1", nil, .zero), ("999999999999", nil, .seconds(86_400)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", nil, .seconds(60)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", "Sun, 06 Nov 1994 08:50:07 GMT", .seconds(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", nil, .zero), ("Sun, 06 Nov 9994 08:00:00 GMT", nil, .seconds(86_400)),
            ("tomorrow", nil, nil), ("Sun, 36 Nov 1994 08:00:00 GMT", nil, nil), ("", nil, nil),
        ] as [(String, String?, Duration?)])
    func patience(wish: String, date: String?, expected: Duration?) {
        #expect(failure(503, "", retryAfter: wish, date: date) == .unavailable("HTTP 503 X", retryAfter: expected))
    }

    @Test("whatever it is, is understood or called by its number, and never traps", arguments: 0..<300 as Range<UInt64>)
    func fuzz(seed: UInt64) {
        var random = Seeded(seed)
        let words = [
            "{\"error\":\"", "unable to parse '", "': ", "headgate,site=a value=1 5", "dropped=", "9999999999999999999999", "\n",
            "\"}", "\u{0}",
            "\"data\":[{\"line_number\":", "-9223372036854775808", "9223372036854775807", "beyond retention policy", "\\u00", "'",
            "4", "}]}",
        ]
        let body = (0..<Int.random(in: 0..<12, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }.joined()
        let status = [200, 204, 302, 400, 401, 404, 413, 422, 429, 500, 599].randomElement(using: &random) ?? 400
        let told = failure(
            UInt(status), body, retryAfter: words.randomElement(using: &random), date: words.randomElement(using: &random))
        #expect((told == nil) == (status == 204))
        #expect(places(told)?.allSatisfy { lines.indices.contains($0) } ?? true)
    }
}

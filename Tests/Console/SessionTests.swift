import Console
import FoundationEssentials
import Synchronization
import Telemetry
import TestSupport
import Testing

@Suite("Signing in")
struct SessionTests {
    struct Body: Decodable {
        struct Person: Decodable { let name: String, role: String }
        let person: Person?
        let isReadOnly: Bool
    }

    @Test("a password is kept as RFC 7914's vector and another implementation say")
    func vectors() throws {
        // Clause 11, the second vector of PBKDF2-HMAC-SHA-256, cut to 32 bytes: the first block, whatever the length.
        let key = [UInt8](hex: "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56")
        let vector = try #require(
            PasswordHash("pbkdf2-sha256$80000$\(Data("NaCl".utf8).base64EncodedString())$\(Data(key).base64EncodedString())"))
        #expect(vector.matches("Password") && !vector.matches("password"))
        // From Python's hashlib.pbkdf2_hmac("sha256", b"correct horse", b"0123456789abcdef", 4096).
        let known = try #require(
            PasswordHash("pbkdf2-sha256$4096$MDEyMzQ1Njc4OWFiY2RlZg==$L47unUuuz53ZGjvyxdG9n7fm071wLR1awArcH/V68jg="))
        #expect(known.matches("correct horse") && !known.matches("correct horse ") && !known.matches(""))
    }

    @Test("a hash is written and read again, and differs each time it is made")
    func roundTrip() throws {
        let one = PasswordHash(of: "水泵-pump", rounds: 1000)
        let two = PasswordHash(of: "水泵-pump", rounds: 1000)
        #expect(one != two && PasswordHash("\(one)") == one && one.matches("水泵-pump") && two.matches("水泵-pump"))
        #expect(!"\(one)".contains("pump"))
    }

    @Test(
        "what is no hash is none",
        arguments: [
            "", "secret", "pbkdf2-sha256$0$AAAAAAAAAAAAAAAAAAAAAA==$AAAA", "pbkdf2-sha256$99999999999999999999$AA$AA", "$$$",
            "md5$1000$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "pbkdf2-sha256$1000$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=$",
        ])
    func nonsense(_ text: String) { #expect(PasswordHash(text) == nil) }

    @Test("whoever signs in is known by a cookie that no script can read, for twelve hours, or until they sign out")
    func session() async throws {
        let time = ManualTime()
        let county = County(time: time)
        try await serving(county, people: AlarmHouse.people) { _, site in
            let answer = try await site.send("POST", "/api/session", "{\"name\":\"duty\",\"password\":\"\(AlarmHouse.password)\"}")
            #expect(answer.status == 200 && !answer.body.contains(AlarmHouse.password) && !answer.body.contains("pbkdf2"))
            let set = try #require(answer.headers["set-cookie"])
            #expect(set.hasSuffix("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"))
            let cookie = String(set.prefix { $0 != ";" })
            #expect(cookie.count > 50)
            func who() async throws -> String? {
                try await site.get("/api/session", headers: [("Cookie", "a=b; \(cookie)")]).decoded(as: Body.self).person?.name
            }
            #expect(try await who() == "duty")
            #expect(try await site.get("/api/session").decoded(as: Body.self).person == nil)
            time.stepWall(by: .seconds(-86_400))
            #expect(try await who() == "duty", "the session goes by the clock that never jumps")
            #expect(try await site.send("DELETE", "/api/session", cookie: cookie).status == 200)
            #expect(try await who() == nil)
            let again = try await site.signIn("duty")
            await time.advance(by: .seconds(12 * 3600))
            let person = try await site.get("/api/session", headers: [("Cookie", again)]).decoded(as: Body.self).person
            #expect(person == nil, "a shift is over")
        }
        let told = county.events.withLock { $0.map { "\($0.origin): \($0.text)" } }
        #expect(told == ["duty: signed in from 127.0.0.1", "duty: signed out", "duty: signed in from 127.0.0.1"])
    }

    @Test("a wrong password and a name that is not known are told alike, are recorded, and are slowed down")
    func wrong() async throws {
        let time = ManualTime()
        let county = County(time: time)
        try await serving(county, people: AlarmHouse.people) { _, site in
            func attempt(_ name: String, _ password: String) async throws -> Site.Answer {
                try await site.send("POST", "/api/session", "{\"name\":\"\(name)\",\"password\":\"\(password)\"}")
            }
            let wrong = try await attempt("duty", "guess")
            let unknown = try await attempt("nobody", "hunter2")
            #expect(wrong.status == 401 && unknown.status == 401 && wrong.body == unknown.body && wrong.headers["set-cookie"] == nil)
            _ = try await attempt("duty", "guess")
            let slowed = try await attempt("duty", AlarmHouse.password)
            #expect(slowed.status == 429 && slowed.body.contains("wait"), "even the right one has to wait")
            await time.advance(by: .seconds(2))
            #expect(try await attempt("duty", AlarmHouse.password).status == 200)
        }
        let told = county.events.withLock { $0.map(\.text) }
        #expect(told.first == "sign-in refused for 'duty' from 127.0.0.1")
        #expect(told.dropFirst().first == "sign-in refused for a name that is not known from 127.0.0.1")
        #expect(!told.joined().contains("hunter2") && !told.joined().contains("nobody"))
    }

    @Test("without people the console is read-only and says so")
    func readOnly() async throws {
        let county = County(time: ManualTime())
        let house = try AlarmHouse(county)
        try await serving(county, alarms: house.console) { _, site in
            #expect(try await site.get("/api/session").decoded(as: Body.self).isReadOnly)
            let order = try await site.order("acknowledge", "water/high", as: nil)
            let session = try await site.send("POST", "/api/session", "{\"name\":\"duty\",\"password\":\"x\"}")
            #expect(order.status == 403 && session.status == 403 && order.body.contains("read-only"))
        }
    }
}

extension [UInt8] {
    fileprivate init(hex: String) {
        self = stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }
    }
}

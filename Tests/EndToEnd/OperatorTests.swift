import CountyServers
import Foundation
import RealServers
import Testing

@Suite("an operator", .serialized)
struct OperatorTests {
    private static let password = "county-flood-desk"

    @Test("sees the water rise on a phone, signs in, acknowledges, and a restart does not forget it", .enabled(if: Browser.isInstalled))
    func acknowledges() async throws {
        try await LiveCounty.serve(seed: 11) { live in
            try await employ("duty", at: live)
            try await live.gateway { _, console in
                #expect(live.county.set("xinzhuang-pump/well/level", to: 5.3))
                try await Browser.open(width: 420, height: 1500) { browser in
                    try await browser.go(to: console + "/alarms")
                    try await eventually("the alarm calls", is: "B true") { try await browser.evaluate(Self.alarm) }
                    _ = try await browser.evaluate(
                        """
                        const form = document.querySelector('.session form');
                        form.elements.name.value = 'duty';
                        form.elements.password.value = '\(Self.password)';
                        form.requestSubmit();
                        """)
                    try await eventually("the button is theirs", is: "B false") { try await browser.evaluate(Self.alarm) }
                    try await look(browser, "alarm-unacknowledged")
                    _ = try await browser.evaluate("document.querySelector('\(Self.card) [data-order=\"acknowledge\"]').click();")
                    try await eventually("it is acknowledged", is: "C null") { try await browser.evaluate(Self.alarm) }
                    try await eventually("the page says who did it", is: "true") {
                        try await browser.evaluate(
                            "return String(document.querySelector('\(Self.card) .notes').textContent.includes('duty'))")
                    }
                    try await eventually("the line of alarms is calm", is: "standing") {
                        try await browser.evaluate("return document.getElementById('alarm-bar').dataset.look")
                    }
                    try await look(browser, "alarm-acknowledged")
                    _ = try await browser.evaluate("document.querySelector('\(Self.card) a').click();")
                    try await eventually("the link leads to the device", is: "xinzhuang-pump/well") {
                        try await browser.evaluate("return document.querySelector('.panel:target')?.id ?? ''")
                    }
                    try await look(browser, "alarm-device")
                }
                let events = try await get(console + "/api/events?limit=50")
                #expect(events.contains("water/xinzhuang-high: acknowledged") && events.contains("\"origin\":\"duty\""))
            }
            #expect(live.county.set("xinzhuang-pump/well/level", to: 5.3))
            try await live.gateway { _, console in
                try await eventually("the level is heard again") {
                    try await get(console + "/api/points").contains("\"unit\":\"m\",\"value\":5.")
                }
                let alarms = try await get(console + "/api/alarms")
                #expect(alarms.contains("\"who\":\"duty\"") && alarms.contains("\"unacknowledged\":0"), "\(alarms.prefix(600))")
            }
        }
    }

    private static let card = "[data-alarm=\"water/xinzhuang-high\"]"
    /// The alarm's state, and whether its button is out of reach.
    private static let alarm = """
        const card = document.querySelector('\(card)');
        return card && card.dataset.state + ' ' + (card.querySelector('[data-order="acknowledge"]')?.disabled ?? null);
        """

    /// Writes a file of people, with the hash that the program makes, and names it in the site's file.
    private func employ(_ name: String, at live: LiveCounty) async throws {
        let made = try await outcome(of: "\(LiveCounty.products)/headgate", ["password"], input: Self.password + "\n")
        let hash = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let people = live.folder + "/people.yaml"
        try "people: 1\n\(name): { title: 值班班长, role: operator, password: \(hash) }\n"
            .write(toFile: people, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: people)
        let text = try String(contentsOfFile: live.site, encoding: .utf8)
        try text.replacing("console: { listen: \"127.0.0.1:8080\" }", with: "console: { listen: \"127.0.0.1:8080\", people: people.yaml }")
            .write(toFile: live.site, atomically: true, encoding: .utf8)
        let check = try await live.headgate("check", "--config", live.site)
        #expect(check.isSuccess, "\(check.output)\(check.errors)")
    }

    /// Keeps a picture for people to look at, if they named a folder.
    private func look(_ browser: Browser, _ name: String) async throws {
        guard let folder = ProcessInfo.processInfo.environment["HEADGATE_PICTURES"] else { return }
        try await browser.picture().write(to: URL(filePath: "\(folder)/\(name).png"))
    }
}

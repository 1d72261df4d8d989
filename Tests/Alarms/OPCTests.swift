import Alarms
import Telemetry
import Testing

/// OPC 10000-9 (OPC UA Part 9, release 1.05), against its own tables and sentences.
@Suite("flags of OPC UA Part 9")
struct OPCTests {
    struct Flags: Hashable, CustomStringConvertible {
        let active: Bool
        let acked: Bool
        let confirmed: Bool
        let retain: Bool
        var description: String { "active \(active), acked \(acked), confirmed \(confirmed), retain \(retain)" }
    }

    /// Annex B.1.2, table B.1: a condition that only keeps its latest state and asks for confirmation.
    @Test("the sequence of table B.1 has its values, row by row")
    func latestStateOnly() throws {
        var watch = try Watch(["flood": "point: east/well/float\nwhen: { is: true }\nconfirm: true"])
        watch.hear("east/well/float", false)
        let rows: [(what: (inout Watch) -> Void, flags: Flags)] = [
            ({ _ in }, Flags(active: false, acked: true, confirmed: true, retain: false)),
            ({ $0.hear("east/well/float", true) }, Flags(active: true, acked: false, confirmed: true, retain: true)),
            ({ $0.obey(.acknowledge(comment: ""), "flood") }, Flags(active: true, acked: true, confirmed: false, retain: true)),
            ({ $0.hear("east/well/float", false) }, Flags(active: false, acked: true, confirmed: false, retain: true)),
            (
                { $0.obey(.confirm(comment: "pumped out"), "flood") },
                Flags(active: false, acked: true, confirmed: true, retain: false)
            ),
            ({ $0.hear("east/well/float", true) }, Flags(active: true, acked: false, confirmed: true, retain: true)),
            ({ $0.hear("east/well/float", false) }, Flags(active: false, acked: false, confirmed: true, retain: true)),
            ({ $0.obey(.acknowledge(comment: ""), "flood") }, Flags(active: false, acked: true, confirmed: false, retain: true)),
            ({ $0.obey(.confirm(comment: ""), "flood") }, Flags(active: false, acked: true, confirmed: true, retain: false)),
        ]
        for (number, row) in rows.enumerated() {
            row.what(&watch)
            let flags = try #require(watch.summary("flood")).flags
            let seen = Flags(active: flags.active, acked: flags.acked, confirmed: flags.confirmed, retain: flags.retain)
            #expect(seen == row.flags, "row \(number)")
        }
        #expect(watch.changes.count(where: { $0.kind != .sees }) == rows.count - 1, "each row but the first is an event")
    }

    @Test("4.3: a new spell is acknowledged and confirmed anew, though the last was never confirmed")
    func unconfirmed() throws {
        var watch = try Watch(["flood": "point: east/well/float\nwhen: { is: true }\nconfirm: true"])
        watch.hear("east/well/float", true)
        watch.obey(.acknowledge(comment: ""), "flood")
        watch.hear("east/well/float", false)
        #expect(watch.summary("flood")?.flags.confirmed == false)
        watch.hear("east/well/float", true)
        #expect(watch.summary("flood")?.flags.confirmed == true)
        #expect(watch.obey(.confirm(comment: ""), "flood") == .idle(.unacknowledged))
    }

    @Test("5.8.17.1: a one-shot shelf ends when the alarm goes inactive, a timed one does not")
    func oneShot() throws {
        for isOneShot in [true, false] {
            var watch = try Watch(["flood": "point: east/well/float\nwhen: { is: true }"])
            watch.hear("east/well/float", true)
            watch.obey(.shelve(for: .seconds(3600), reason: "a test", isOneShot: isOneShot), "flood")
            #expect(watch.summary("flood")?.flags.shelving == (isOneShot ? .oneShotShelved : .timedShelved))
            #expect(watch.summary("flood")?.flags.suppressedOrShelved == true)
            watch.hear("east/well/float", false)
            #expect(watch.letter("flood") == (isOneShot ? "A" : "G"))
        }
    }

    @Test("5.8.2: a one-shot shelf ends at the longest time too (MaxTimeShelved)")
    func oneShotExpires() throws {
        var watch = try Watch(["flood": "point: east/well/float\nwhen: { is: true }"])
        watch.hear("east/well/float", true)
        watch.obey(.shelve(for: .seconds(8 * 3600), reason: "a test", isOneShot: true), "flood")
        watch.wait(.seconds(8 * 3600))
        #expect(watch.letter("flood") == "B")
    }

    @Test("what is hidden cannot be acknowledged: it calls when it comes up, and is answered then")
    func hidden() throws {
        var watch = try Watch(["flood": "point: east/well/float\nwhen: { is: true }"])
        watch.hear("east/well/float", true)
        watch.obey(.shelve(for: .seconds(60), reason: "a test", isOneShot: false), "flood")
        #expect(watch.obey(.acknowledge(comment: ""), "flood") == .idle(.shelved))
    }

    @Test("5.8.5: reset has no effect while the alarm is active, nor before it is acknowledged and confirmed")
    func reset() throws {
        var watch = try Watch(["flood": "point: east/well/float\nwhen: { is: true }\nlatching: true\nconfirm: true\non-delay: 1s"]
        )
        watch.hear("east/well/float", true)
        watch.wait(.seconds(1))
        #expect(watch.obey(.reset, "flood") == .stillThere)
        watch.hear("east/well/float", false)
        #expect(watch.summary("flood")?.flags.active == true, "3.1.12: a latching alarm stays active until it is reset")
        #expect(watch.obey(.reset, "flood") == .unacknowledged)
        watch.obey(.acknowledge(comment: ""), "flood")
        #expect(watch.obey(.reset, "flood") == .unacknowledged)
        watch.obey(.confirm(comment: ""), "flood")
        watch.hear("east/well/float", true)
        #expect(watch.obey(.reset, "flood") == .stillThere, "the cause is back, and waits for the on-delay")
        watch.hear("east/well/float", false)
        #expect(watch.obey(.reset, "flood") == nil)
        #expect(watch.summary("flood")?.flags.latched == false)
        #expect(watch.letter("flood") == "A")
    }
}

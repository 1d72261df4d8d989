import CountyServers
import Foundation
import Historian
import RealServers
import Subprocess
import Telemetry
import Testing

@Suite("a full disk", .serialized)
struct FullDiskTests {
    @Test("never 19: a full disk stops control: all goes on, the trouble has a name, and all is stored once there is room")
    func full() async throws {
        try await LiveCounty.serve(seed: 12) { live in
            try FileManager.default.createDirectory(atPath: live.data, withIntermediateDirectories: true)
            let mounted = try await outcome(of: "mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", live.data])
            guard mounted.isSuccess else {
                print("no file system of a test's own can be mounted here: skipped (\(mounted.errors))")
                return
            }
            do {
                try await live.gateway { _, console in try await Self.run(live, console) }
            } catch {
                _ = try await outcome(of: "umount", ["-l", live.data])
                throw error
            }
            let ledger = try HistoryReader(folder: live.data).ledger()
            #expect(ledger.discrepancies.isEmpty, "\(ledger.discrepancies)")
            #expect(ledger.produced == ledger.stored, "it all fitted into memory meanwhile")
            let events = try HistoryReader(folder: live.data).latestEvents(limit: 2000).map(\.event.text)
            #expect(events.contains { $0.contains("takes no commits") && $0.contains("full") }, "\(events.filter { $0.contains("store") })")
            #expect(events.contains { $0.contains("takes commits again") })
            _ = try await outcome(of: "umount", ["-l", live.data])
        }
    }

    private static func run(_ live: LiveCounty, _ console: String) async throws {
        let stored: @Sendable () throws -> Int = { try HistoryReader(folder: live.data).ledger().stored }
        try await eventually("it stores") { try stored() > 100 }
        // All the room there is, to the last byte.
        _ = try await outcome(of: "dd", ["if=/dev/zero", "of=\(live.data)/filler", "bs=1k"])
        try await eventually("the console tells of it") { try await get(console + "/api/status").contains("database or disk is full") }
        #expect(live.county.set("xinzhuang-pump/well/level", to: 2.871))
        try await eventually("polling goes on") { try await get(console + "/api/points").contains("2.871") }
        try await eventually("and rules and control: a pump runs") {
            ["pump-1", "pump-2"].contains { live.county.said("xinzhuang-pump/\($0)/run") == 1 }
        }
        let before = try stored()
        try FileManager.default.removeItem(atPath: live.data + "/filler")
        try await eventually("it stores again") { try stored() > before + 50 }
    }
}

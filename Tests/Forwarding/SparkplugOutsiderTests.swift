import FoundationEssentials
import Historian
import MQTT
import RealServers
import Sparkplug
import Subprocess
import SystemPackage
import Telemetry
import TestSupport
import Testing

@testable import Forwarding

/// A host that nobody here wrote: paho-mqtt hears, pysparkplug reads, Tests/Sparkplug/pysparkplug/host.py writes it down.
@Suite("An edge node and a foreign host", .timeLimit(.minutes(1)))
struct SparkplugOutsiderTests {
    private struct Line: Decodable {
        let kind: String
        let device: String
        let seq: Int?
        let bdSeq: Int?
        let samples: [String]
    }

    private static let python = ProcessInfo.processInfo.environment["HEADGATE_PYTHON"] ?? "python3"
    private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sparkplug/pysparkplug/host.py").path

    private static func canRun() async -> Bool {
        guard ProcessInfo.processInfo.environment["HEADGATE_LONG"] != nil else { return false }
        return (try? await outcome(of: python, ["-c", "import pysparkplug"]))?.isSuccess == true
    }

    private static func lines(_ file: String) -> [Line] {
        // A line may be half written yet.
        let text = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").compactMap { try? JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    }

    @Test("which reads every sample, every number in its turn, the births it asks for, and the goodbye",
        .enabled("a long test, where python3 has pysparkplug") { await Self.canRun() })
    func understood() async throws {
        try await withFolder { folder in
            let port = 20_000 + Int(ProcessInfo.processInfo.processIdentifier) % 10_000
            try "listener 0 \(folder)/s\nlistener \(port) 127.0.0.1\nallow_anonymous true\nuser root\n".write(
                toFile: folder + "/mosquitto.conf", atomically: false, encoding: .utf8)
            let time = SystemTime()
            let journal = try journal(in: folder, time: time)
            let client = sparkplugClient(folder + "/s")
            let destination = SparkplugDestination(
                name: "county", client: client, settings: SparkplugSettings(group: "county", node: "gateway", primaryHost: "host"),
                directory: directory, time: time, surroundings: .init(kept: 7, keep: { _ in }))
            let forwarder = Forwarder(destination: destination, journal: journal, time: time, logger: quiet)
            let file = folder + "/heard"
            let stored = try await running("mosquitto", ["-c", folder + "/mosquitto.conf"]) { _ in
                client.start()
                await until { client.isConnected }
                return try await running(Self.python, [Self.script, "\(port)", file]) { _ in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { await destination.run() }
                        defer { group.cancelAll() }
                        return try await forwarding(forwarder) {
                            try await tell(journal, destination, at: time)
                            await until { await forwarder.status.pending == 0 }
                            let stored = Set(try journal.read(after: 0, limit: 1000).flatMap(\.named).map(Self.words))
                            await until { Set(Self.lines(file).flatMap(\.samples)) == stored }
                            await destination.close()
                            await until { Self.lines(file).last?.kind == "NDEATH" }
                            return stored
                        }
                    }
                }
            }
            await client.stop()
            try judge(Self.lines(file), stored: stored)
            #expect(try await standing(journal, "county") == Account(acknowledged: stored.count, pending: 0, dropped: 0))
        }
    }

    private static func words(_ sample: StoredSample) -> String {
        let point = sample.point
        return "\(point.site)-\(point.device)/\(point.point) \(sample.time.milliseconds) \(sample.reading.value?.number ?? -1)"
    }

    /// Twenty entries before anyone hears, and then ever more until the births that the host asks for have been.
    private func tell(_ journal: Journal, _ destination: SparkplugDestination, at time: SystemTime) async throws {
        for index in 0..<60 {
            if index == 20 { await until { destination.isReady == true } }
            if index == 50 {
                await until { destination.isReady == false }
                await until { destination.isReady == true }
            }
            let number = Double(index)
            journal.append(batch([.good(.double(number)), .uncertain(.double(-number), .stale)], device: index % 2, at: time.now()))
            journal.endTurn()
            if index % 10 == 9 { try await journal.flush() }
        }
        try await journal.flush()
    }

    private func judge(_ lines: [Line], stored: Set<String>) throws {
        var expected = 0
        for line in lines where line.kind != "NDEATH" {
            if line.kind == "NBIRTH" { expected = 0 }
            #expect(line.seq == expected)
            expected = (expected + 1) % 256
        }
        #expect(Set(lines.flatMap(\.samples)) == stored)
        #expect(lines.prefix(3).map(\.kind) == ["NBIRTH", "DBIRTH", "DBIRTH"])
        #expect(lines.filter { $0.kind == "NBIRTH" }.map(\.bdSeq) == [7, 7])
        #expect(lines.last?.kind == "NDEATH" && lines.last?.bdSeq == 7)
    }
}

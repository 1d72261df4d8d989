import FoundationEssentials
import Subprocess

/// A real mosquitto on a Unix socket in a folder of its own.
struct Broker: Sendable {
    let folder = FileManager.default.temporaryDirectory.path + "/headgate-county-" + UUID().uuidString.prefix(8)
    var socket: String { folder + "/s" }

    /// Runs the broker for as long as the body takes.
    func serve<Answer: Sendable>(_ body: @Sendable () async throws -> Answer) async throws -> Answer {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let settings = "listener 0 \(socket)\nallow_anonymous true\npersistence false\nuser root\n"
        try settings.write(toFile: folder + "/mosquitto.conf", atomically: false, encoding: .utf8)
        return try await run(
            .name("mosquitto"), arguments: ["-c", folder + "/mosquitto.conf"],
            environment: .inherit.updating(["PATH": "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"]), input: .none,
            output: .discarded, error: .discarded
        ) { execution in
            defer { try? execution.send(signal: .terminate) }
            return try await body()
        }.closureResult
    }
}

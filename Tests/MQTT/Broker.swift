import FoundationEssentials
import Subprocess

/// A real mosquitto on a Unix socket in a folder of its own, to be killed and brought back at will.
struct Broker: Sendable {
    let folder: String
    var socket: String { folder + "/s" }

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/headgate-mqtt-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let settings = """
            listener 0 \(folder)/s
            allow_anonymous true
            persistence false
            user root

            """
        try settings.write(toFile: folder + "/mosquitto.conf", atomically: false, encoding: .utf8)
    }

    /// Runs the broker for as long as the body takes, then kills it without warning.
    func serve<Answer: Sendable>(_ body: @Sendable () async throws -> Answer) async throws -> Answer {
        try await run(
            .name("mosquitto"), arguments: ["-c", folder + "/mosquitto.conf"],
            environment: .inherit.updating(["PATH": "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"]), input: .none,
            output: .discarded, error: .discarded
        ) { execution in
            defer { try? execution.send(signal: .kill) }
            return try await body()
        }.closureResult
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
}

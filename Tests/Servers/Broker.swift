import FoundationEssentials
import Subprocess

/// A real mosquitto on a Unix socket in a folder of its own, to be killed and brought back at will.
package struct Broker: Sendable {
    package let folder: String
    package var socket: String { folder + "/s" }

    package init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/headgate-mqtt-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let settings = "listener 0 \(folder)/s\nallow_anonymous true\npersistence false\nmax_queued_messages 0\nuser root\n"
        try settings.write(toFile: folder + "/mosquitto.conf", atomically: false, encoding: .utf8)
    }

    /// Runs the broker for as long as the body takes, then kills it without warning.
    package func serve<Answer: Sendable>(_ body: @Sendable () async throws -> Answer) async throws -> Answer {
        try await running("mosquitto", ["-c", folder + "/mosquitto.conf"], ending: .kill) { _ in try await body() }
    }

    package func remove() { try? FileManager.default.removeItem(atPath: folder) }
}

import FoundationEssentials
import Subprocess
import Synchronization

/// A real InfluxDB 1.x with its data in a folder; it keeps its port when it comes back.
package struct InfluxDB: Sendable {
    package let folder: String
    private let isGuarded: Bool
    private let port = Port()

    /// - Parameter isGuarded: asks for a user and password.
    package init(folder: String, isGuarded: Bool = false) {
        self.folder = folder
        self.isGuarded = isGuarded
    }

    /// Runs the database for as long as the body takes, which is given its address.
    package func serve<Answer: Sendable>(_ body: @Sendable (_ url: String) async throws -> Answer) async throws -> Answer {
        // Its second port, for backups, is of no interest; on an address of its own it can be told from the first.
        let settings = """
            reporting-disabled = true
            bind-address = "127.0.0.2:0"
            [meta]
            dir = "\(folder)/meta"
            [data]
            dir = "\(folder)/data"
            wal-dir = "\(folder)/wal"
            [monitor]
            store-enabled = false
            [http]
            bind-address = "127.0.0.1:\(port.number.load(ordering: .relaxed))"
            auth-enabled = \(isGuarded)

            """
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try settings.write(toFile: folder + "/influxdb.conf", atomically: false, encoding: .utf8)
        return try await running("influxd", ["-config", folder + "/influxdb.conf"], ending: .kill) { process in
            let found = try await listeningPort(of: process, host: 1)
            port.number.store(found, ordering: .relaxed)
            return try await body("http://127.0.0.1:\(found)")
        }
    }

    private final class Port: Sendable {
        let number = Atomic(0)
    }
}

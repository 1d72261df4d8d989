import FoundationEssentials
import Synchronization

/// A real VictoriaMetrics with its data in a folder; it keeps its port when it comes back.
package struct VictoriaMetrics: Sendable {
    package let folder: String
    private let port = Port()

    package init(folder: String) { self.folder = folder }

    /// Runs the database for as long as the body takes, which is given its address.
    package func serve<Answer: Sendable>(_ body: @Sendable (_ url: String) async throws -> Answer) async throws -> Answer {
        let arguments = [
            "-storageDataPath=\(folder)", "-httpListenAddr=127.0.0.1:\(port.number.load(ordering: .relaxed))",
            "-retentionPeriod=100y", "-search.latencyOffset=0s", "-dedup.minScrapeInterval=1ms", "-memory.allowedBytes=64MB",
        ]
        return try await running("victoria-metrics", arguments) { process in
            let found = try await listeningPort(of: process)
            port.number.store(found, ordering: .relaxed)
            return try await body("http://127.0.0.1:\(found)")
        }
    }

    private final class Port: Sendable {
        let number = Atomic(0)
    }
}

/// The TCP port a process listens on, once it does.
///
/// - Parameter host: for one that listens on several: the port of this address of ours, 127.0.0.`host`.
package func listeningPort(of process: Int32, host: UInt8? = nil) async throws -> Int {
    // As the kernel writes it: the address as a number of this machine's byte order.
    let wanted = host.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) + "00007F:" }
    while true {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")) ?? []
        let sockets = Set(
            files.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\($0)") })
        // sl local_address rem_address st … inode; 0A is LISTEN.
        for line in try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8).split(separator: "\n").dropFirst() {
            let words = line.split(separator: " ")
            guard words.count > 9, words[3] == "0A", sockets.contains("socket:[\(words[9])]") else { continue }
            if let wanted, !words[1].hasPrefix(wanted) { continue }
            if let port = words[1].split(separator: ":").last.flatMap({ Int($0, radix: 16) }) { return port }
        }
        try Task.checkCancellation()
        await breathe()
    }
}

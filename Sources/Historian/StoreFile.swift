import FoundationEssentials
import GRDB
import Telemetry

/// What is done to the file from outside.
enum StoreFile {
    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Whether the file is at fault, and not the disk it lies on or someone who holds it.
    static func isDamage(_ error: any Error) -> Bool {
        switch error {
        case StoreError.foreign, StoreError.older: return true
        default: break
        }
        guard let error = error as? DatabaseError else { return false }
        return error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
    }

    /// Renames the file, and what SQLite keeps beside it, to `headgate.db.broken-2026-06-21T040000Z`; returns that name.
    static func setAside(folder: String, at now: Timestamp) throws -> String {
        let stamp = String(now.description.prefix { $0 != "." }.filter { $0 != ":" && $0 != " " })
        let path = "\(folder)/\(Schema.fileName)"
        var name = "\(Schema.fileName).broken-\(stamp)Z"
        var number = 2
        while exists("\(folder)/\(name)") {
            name = "\(Schema.fileName).broken-\(stamp)Z-\(number)"
            number += 1
        }
        try FileManager.default.moveItem(atPath: path, toPath: "\(folder)/\(name)")
        for suffix in ["-wal", "-shm"] where exists(path + suffix) {
            try FileManager.default.moveItem(atPath: path + suffix, toPath: "\(folder)/\(name)\(suffix)")
        }
        return name
    }
}

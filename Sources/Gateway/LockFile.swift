import Control
import FoundationEssentials
import Synchronization
import Telemetry

/// Lock-outs in `lockouts.json` beside the store. A file that cannot be read is not an empty one: somebody may be at work, and nothing
/// starts until a supervisor has said otherwise.
final class LockFile: Sendable {
    private let file: DurableFile
    /// The number of the latest book that was stored.
    private let latest = Mutex<UInt64>(0)

    /// Opens nothing yet.
    init(folder: String) { file = DurableFile(path: folder + "/lockouts.json") }

    /// What the last run knew. What comes of a file that cannot be read is stored in its place, so that it outlives a restart too.
    ///
    /// - Parameter hasRunBefore: whether a gateway has run here before, which would have left a file.
    func recall(hasRunBefore: Bool, at now: Timestamp) -> LockBook {
        let trouble: String
        do throws(DurableFile.Trouble) {
            if let data = try file.read() {
                let book = try? JSONDecoder().decode(LockBook.self, from: data)
                if let book, book.version == LockBook.version { return book }
                trouble = "it is not understood"
                file.setAside(as: "\(file.path).\(now.milliseconds)")
            } else if hasRunBefore {
                trouble = "it is gone"
            } else {
                let first = LockBook()
                // A first run without a file, and a later one after it was lost, must not look alike.
                _ = keep(first, number: 0)
                return first
            }
        } catch {
            trouble = "\(error)"
        }
        let why = "the file of lock-outs cannot be believed (\(file.path): \(trouble)): somebody may be at work, and nothing starts "
            + "until a supervisor has made sure; \(LockOut.warning)"
        let book = LockBook(seal: why)
        _ = keep(book, number: 0)
        return book
    }

    /// Returns once it is on the disk; why not, if it is not.
    func keep(_ book: LockBook, number: UInt64) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(book) else { return "it cannot be put into words" }
        return latest.withLock { latest in
            guard number >= latest else { return nil }
            do throws(DurableFile.Trouble) {
                try file.replace(with: data)
                latest = number
                return nil
            } catch {
                return "\(file.path): \(error)"
            }
        }
    }
}

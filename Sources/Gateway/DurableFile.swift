import FoundationEssentials
import Glibc

/// A small file that is replaced in one step and is on the disk when that returns: whoever reads it after a power cut finds the old
/// one or the new one, whole.
struct DurableFile: Sendable {
    struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    let path: String

    /// nil if there is none. A file that is there and cannot be read is no missing file.
    func read() throws(Trouble) -> Data? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .last("opened")
        }
        close(descriptor)
        guard let data = FileManager.default.contents(atPath: path) else { throw Trouble(description: "it cannot be read") }
        return data
    }

    /// - Parameter isSynced: whether it is to be on the disk, or only with the kernel, where it survives the process.
    func replace(with data: Data, isSynced: Bool = true) throws(Trouble) {
        let draft = path + ".new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw .last("made") }
        defer { close(descriptor) }
        let bytes = [UInt8](data)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw .last("written") }
            done += count
        }
        guard !isSynced || fsync(descriptor) == 0 else { throw .last("stored") }
        guard rename(draft, path) == 0 else { throw .last("put in its place") }
        if isSynced { try syncFolder() }
    }

    /// Waits until what was replaced last is on the disk.
    func sync() throws(Trouble) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("stored") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .last("stored") }
        try syncFolder()
    }

    /// The name is the folder's, and not on the disk before the folder is.
    private func syncFolder() throws(Trouble) {
        let folder = open(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .last("stored") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw .last("stored") }
    }

    /// Moves the file out of the way, for a person to look at.
    func setAside(as name: String) { _ = rename(path, name) }
}

extension DurableFile.Trouble {
    /// - Parameter what: what could not be done, as a participle.
    fileprivate static func last(_ what: String) -> Self {
        Self(description: "it cannot be \(what): \(String(cString: strerror(errno)))")
    }
}

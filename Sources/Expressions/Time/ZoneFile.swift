import Glibc

/// A file of the time zone database, read whole.
enum ZoneFile {
    /// The largest zone has some 4 kB.
    private static let longest = 1 << 16

    static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        let bytes = [UInt8](unsafeUninitializedCapacity: longest) { buffer, count in
            count = fread(buffer.baseAddress, 1, longest, file)
        }
        return bytes.isEmpty ? nil : bytes
    }
}

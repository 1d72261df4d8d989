import FoundationEssentials
import Hummingbird

/// The files the pages are made of, read once at start: a few hundred kilobytes, and no path from a request ever meets the
/// file system.
struct Assets: Sendable {
    struct File: Sendable {
        let type: String
        let body: ByteBuffer
        let tag: String
    }

    private let files: [String: File]

    /// - Parameters:
    ///   - pages: the folder of our own pages, whose files are named by their bare names.
    ///   - leaflet: the folder of Leaflet; without it the map says that it is missing, and everything else works.
    init(pages: String, leaflet: String) throws(ConsoleError) {
        var files: [String: File] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: pages)) ?? [] {
            files[name] = Self.file(name, at: "\(pages)/\(name)")
        }
        guard files["water.html"] != nil else { throw .pagesMissing(folder: pages) }
        for (name, path) in [("leaflet.js", "leaflet.min.js"), ("leaflet.css", "leaflet.css")] {
            files[name] = Self.file(name, at: "\(leaflet)/\(path)")
        }
        self.files = files
    }

    /// Where the build puts the pages: beside the program. nil if they are not there; `Bundle` would find them too, for
    /// three megabytes more.
    static func folderBesideProgram() -> String? {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            let slash = program.lastIndex(of: "/")
        else { return nil }
        let folder = program[..<slash] + "/headgate_Console.resources/Pages"
        return FileManager.default.fileExists(atPath: String(folder)) ? String(folder) : nil
    }

    subscript(name: String) -> File? { files[name] }

    func answer(_ name: String, to request: Request) throws -> Response {
        guard let file = files[name] else { throw Refusal(.notFound, "There is no file \(name.prefix(64)) here.") }
        let headers: HTTPFields = [.contentType: file.type, .eTag: file.tag, .cacheControl: "no-cache"]
        if request.headers[.ifNoneMatch] == file.tag { return Response(status: .notModified, headers: headers) }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.body))
    }

    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml", "png": "image/png",
    ]

    private static func file(_ name: String, at path: String) -> File? {
        guard let type = types[String(name.split(separator: ".").last ?? "")],
            let bytes = FileManager.default.contents(atPath: path)
        else { return nil }
        return File(type: type, body: ByteBuffer(bytes: bytes), tag: "\"\(fingerprint(bytes))\"")
    }

    /// FNV-1a, 64 bits: enough to tell one build's file from the next.
    private static func fingerprint(_ bytes: Data) -> String {
        String(bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
    }
}

import Foundation
import Subprocess

/// The repository as the tests of tidiness see it.
struct House {
    struct File {
        /// From the repository's root.
        let path: String
        let lines: [String]
    }

    struct Target: Decodable {
        struct Dependency: Decodable {
            let name: String

            private enum Keys: String, CodingKey { case byName, target, product }

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Keys.self)
                for key in [Keys.byName, .target, .product] where container.contains(key) {
                    var list = try container.nestedUnkeyedContainer(forKey: key)
                    name = try list.decode(String.self)
                    return
                }
                name = ""
            }
        }

        let name: String
        let type: String
        let path: String?
        let dependencies: [Dependency]

        var folder: String { path ?? "Sources/\(name)" }
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// The manifest as SwiftPM reads it, in a scratch folder of its own, since the test run holds the usual one.
    static func targets() async throws -> [Target] {
        struct Manifest: Decodable { let targets: [Target] }
        let scratch = FileManager.default.temporaryDirectory.appending(path: "headgate-tidy-\(ProcessInfo.processInfo.processIdentifier)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let result = try await run(
            .name("swift"),
            arguments: ["package", "--package-path", root, "--scratch-path", scratch.path, "dump-package"],
            output: .string(limit: 1 << 22), error: .discarded)
        return try JSONDecoder().decode(Manifest.self, from: Data(result.standardOutput.utf8)).targets
    }

    /// Swift files below folders, generated ones left out.
    static func files(below folders: [String]) throws -> [File] {
        try folders.flatMap { folder -> [File] in
            let base = URL(filePath: root).appending(path: folder)
            let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
            return try names.filter { $0.hasSuffix(".swift") && !$0.hasSuffix(".pb.swift") }.sorted().map { name in
                let text = try String(contentsOf: base.appending(path: name), encoding: .utf8)
                return File(path: "\(folder)/\(name)", lines: text.components(separatedBy: "\n"))
            }
        }
    }
}

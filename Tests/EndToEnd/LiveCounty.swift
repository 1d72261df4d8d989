import AsyncHTTPClient
import CountyServers
import Foundation
import Gateway
import NIOCore
import RealServers
import Subprocess
import Testing

/// The county on real wires, a real broker and a real database, for a gateway to be started and killed beside it.
struct LiveCounty: Sendable {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    let folder: String
    let series: String
    let county: County
    var site: String { folder + "/site.yaml" }
    var data: String { folder + "/data" }

    /// Serves everything for as long as the body takes. The site file is the county's own, with this test's addresses in it.
    static func serve(seed: UInt64, _ body: @Sendable (LiveCounty) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/headgate-e2e-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let broker = try Broker()
        defer { broker.remove() }
        try await broker.serve {
            try await VictoriaMetrics(folder: folder + "/series").serve { series in
                let county = County(seed: seed)
                try county.start(broker: BrokerAddress(socket: broker.socket))
                let live = LiveCounty(folder: folder, series: series, county: county)
                do {
                    try live.writeSite(broker: broker.socket)
                    try await body(live)
                } catch {
                    await county.stop()
                    throw error
                }
                await county.stop()
            }
        }
    }

    /// Without the guards: a gateway that has never run before lets each pump rest first, and these tests are about wires.
    private func writeSite(broker: String) throws {
        let rules = URL(filePath: self.folder).appending(path: "Rules")
        try FileManager.default.copyItem(at: Self.root.appending(path: "Rules").resolvingSymlinksInPath(), to: rules)
        try FileManager.default.removeItem(at: rules.appending(path: "water/xinzhuang-guards.yaml"))
        let folder = Self.root.appending(path: "Simulators/county")
        var text = try String(contentsOf: folder.appending(path: "site.yaml"), encoding: .utf8)
        let addresses = [
            ("tcp://127.0.0.1:26502", "tcp://127.0.0.1:\(county.modbusPort)"),
            ("/tmp/headgate-county/lily-bus", county.serialPath), ("mqtt://127.0.0.1:26883", "mqtt://\(broker)"),
            ("http://127.0.0.1:26428", series), ("map.geojson", folder.appending(path: "map.geojson").path),
            ("../../Devices", Self.root.appending(path: "Devices").path),
            ("../../Rules", rules.path),
        ]
        for (written, here) in addresses {
            #expect(text.contains(written), "the county's site file no longer says \(written)")
            text = text.replacingOccurrences(of: written, with: here)
        }
        try text.write(toFile: site, atomically: true, encoding: .utf8)
    }

    /// Runs the gateway's own program; the body is given its process id and the console's address.
    func gateway<Answer: Sendable>(
        ending signal: Signal = .terminate, _ body: @Sendable (_ process: Int32, _ console: String) async throws -> Answer
    ) async throws -> Answer {
        try await running(
            "\(Self.products)/headgate",
            ["run", "--config", site, "--data", data, "--listen", "127.0.0.1:\(freePort())", "--log-level", "error"],
            ending: signal
        ) { process in
            let port = try await within(.seconds(60), "the console listens") { try await listeningPort(of: process) }
            return try await body(process, "http://127.0.0.1:\(port)")
        }
    }

    /// The folder this test runs from, where its sisters are.
    static var products: String {
        let link = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(filePath: link).deletingLastPathComponent().path
        if FileManager.default.fileExists(atPath: beside + "/headgate") { return beside }
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") || $0.contains("PackageTests") } ?? ""
        return URL(filePath: bundle).deletingLastPathComponent().path
    }

    /// Runs the gateway's program to its end.
    func headgate(_ arguments: String...) async throws -> Outcome {
        try await outcome(of: "\(Self.products)/headgate", arguments)
    }
}

/// Real processes have no clock of ours to move: waits for what they bring about, and not for longer than makes sense.
func within<Answer: Sendable>(
    _ span: Duration, _ what: String, _ body: @escaping @Sendable () async throws -> Answer
) async throws -> Answer {
    try await withThrowingTaskGroup(of: Answer.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: span)
            throw Unexpected("after \(span): not yet: \(what)")
        }
        defer { group.cancelAll() }
        guard let answer = try await group.next() else { throw Unexpected(what) }
        return answer
    }
}

func eventually(_ what: String, _ isSo: @escaping @Sendable () async throws -> Bool) async throws {
    try await within(.seconds(60), what) {
        while !(try await isSo()) { try await Task.sleep(for: .milliseconds(50)) }
    }
}

func eventually(_ what: String, is wanted: String, _ found: @escaping @Sendable () async throws -> String) async throws {
    for _ in 0..<600 {
        if try await found() == wanted { return }
        try await Task.sleep(for: .milliseconds(50))
    }
    throw Unexpected("\(what) '\(try await found())', not '\(wanted)'")
}

func get(_ url: String) async throws -> String {
    let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(10))
    return String(buffer: try await response.body.collect(upTo: 64 << 20))
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

import Fieldwork
import FoundationEssentials
import Modbus
import Telemetry
import Testing
import TestSupport

@Suite("a device that is not there")
struct ServeTests {
    private let bench: Workbench
    private let time = SystemTime()

    init() throws { bench = try Workbench() }

    private func serve(
        _ listen: String = "tcp://127.0.0.1:0", set: [String] = [], fault: [String] = []
    ) throws -> ServeCommand.Service {
        try ServeCommand(profile: bench.pump(), listen: listen, unit: 7, settings: set, fault: fault).start(time: time)
    }

    private func read(_ link: String, _ points: String..., timeout: String = "2s") async throws -> [String] {
        let said = Said()
        try await ReadCommand(FieldTarget(link: link, unit: 7, timeout: timeout), profile: bench.pump(), points: points, json: true)
            .run(time: time, tell: said.tell)
        return said.lines
    }

    @Test("what serve holds, read reads, on every kind of wire", arguments: ["tcp://127.0.0.1:0", "rtu+tcp://127.0.0.1:0", "rtu://"])
    func readAgainstServe(listen: String) async throws {
        let place = listen == "rtu://" ? "rtu://\(bench.folder)/line" : listen
        let service = try serve(place, set: ["level=3.42", "total=5", "state=forward", "running=on", "flow=12.5", "mode=9", "name=P7"])
        defer { service.stop() }
        #expect(service.ready == "serving Lutan P7 as unit 7 on \(service.address)")
        let lines = try await read(service.address)
        let values = lines.map { $0.split(separator: ",")[1] }
        #expect(
            values == [
                "\"value\":3.42", "\"value\":5", "\"value\":1", "\"value\":true", "\"value\":false", "\"value\":20", "\"value\":12.5",
                "\"value\":false", "\"value\":9", "\"value\":\"P7\"",
            ])
        #expect(lines.allSatisfy { $0.contains("\"quality\":\"good\"") })
    }

    @Test("counters count, one a second")
    func counters() async throws {
        let time = ManualTime()
        let service = try ServeCommand(profile: bench.pump(), listen: "tcp://127.0.0.1:0", unit: 7, settings: [], fault: [])
            .start(time: time)
        defer { service.stop() }
        await time.advance(by: .seconds(90), sleepers: 0)
        #expect(try await read(service.address, "total").first?.contains("\"value\":90,") == true)
    }

    @Test("what write writes, read reads")
    func writing() async throws {
        let service = try serve()
        defer { service.stop() }
        let said = Said()
        try await WriteCommand(FieldTarget(link: service.address, unit: 7), profile: bench.pump(), point: "speed", value: "35")
            .run(time: time, tell: said.tell, confirm: nil)
        #expect(said.lines.last == "speed is 35 Hz now: verified")
        #expect(try await read(service.address, "speed").first?.contains("\"value\":35,") == true)
    }

    @Test("dead and garbage are bad readings within their time, slow is only slow")
    func faults() async throws {
        let dead = try serve(fault: ["dead"])
        defer { dead.stop() }
        await #expect(throws: FieldError.self) { try await read(dead.address, "level", timeout: "50ms") }
        let garbage = try serve(fault: ["garbage"])
        defer { garbage.stop() }
        await #expect(throws: FieldError.self) { try await read(garbage.address, "level", timeout: "200ms") }
        let slow = try serve(fault: ["slow", "60"])
        defer { slow.stop() }
        await #expect(throws: FieldError.self) { try await read(slow.address, "level", timeout: "10ms") }
        #expect(try await read(slow.address, "level").count == 1)
    }

    @Test("every profile that we have can be served, and reads as good")
    func everyProfile() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folder = root.appending(path: "Devices").path
        for maker in try FileManager.default.contentsOfDirectory(atPath: folder) {
            for name in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(maker)") where name.hasSuffix(".yaml") {
                let file = "\(folder)/\(maker)/\(name)"
                if try String(contentsOfFile: file, encoding: .utf8).contains("json:") { continue }
                let service = try ServeCommand(profile: file, listen: "tcp://127.0.0.1:0", unit: 1, settings: [], fault: [])
                    .start(time: time)
                let said = Said()
                try await ReadCommand(FieldTarget(link: service.address, unit: 1), profile: file, points: [], json: true)
                    .run(time: SystemTime(), tell: said.tell)
                service.stop()
                for line in said.lines where !line.contains("\"quality\":\"good\"") { Issue.record("\(maker)/\(name): \(line)") }
            }
        }
    }

    @Test(
        "a command written wrong",
        arguments: [
            (["level"], [], "tcp://127.0.0.1:0", "--set: 'level' sets nothing"),
            (["levle=1"], [], "tcp://127.0.0.1:0", "did you mean 'level'?"),
            (["level=high"], [], "tcp://127.0.0.1:0", "--set: 'high' is not a number"),
            (["level=900"], [], "tcp://127.0.0.1:0", "--set: 900 cannot be in 'level'"),
            ([], ["sleepy"], "tcp://127.0.0.1:0", "--fault: 'sleepy' is no fault"),
            ([], ["slow"], "tcp://127.0.0.1:0", "--fault: 'slow' is no fault"),
            ([], [], "mqtt://broker", "--listen: "), ([], [], "rtu:///dev/null", "/dev/null is there already, and is not replaced"),
            ([], [], "rtu+listen://:9000?text=a", "is no place to serve on"),
        ] as [([String], [String], String, String)])
    func wrong(set: [String], fault: [String], listen: String, words: String) async throws {
        let file = try bench.pump()
        let error = await refusal { () async throws(FieldError) in
            _ = try ServeCommand(profile: file, listen: listen, unit: 1, settings: set, fault: fault)
        }
        #expect(error?.status == 64)
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test("a port in use is said to be")
    func portInUse() async throws {
        let first = try serve()
        defer { first.stop() }
        let error = await refusal { () async throws(FieldError) in
            let file: String
            do { file = try bench.pump() } catch { throw FieldError("\(error)") }
            _ = try ServeCommand(profile: file, listen: first.address, unit: 1, settings: [], fault: []).start(time: time)
        }
        #expect(error?.description.contains("the port is in use") == true, "\(error?.description ?? "")")
    }
}

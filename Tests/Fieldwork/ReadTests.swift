import Fieldwork
import Modbus
import Telemetry
import Testing
import TestSupport

@Suite("reading from the command line")
struct ReadTests {
    private let bench: Workbench
    private let time = ManualTime()

    init() throws { bench = try Workbench() }

    private static func bank() -> RegisterBank {
        var bank = RegisterBank()
        bank.set(.holding, 0, [342, 0x0001, 0x0002, 1])
        bank.set(.coil, 4, true)
        bank.set(.discrete, 5, false)
        bank.set(.holding, 10, [0, 0x4220])
        bank.set(.holding, 20, [0x0058])
        bank.set(.holding, 30, [0x5037, 0x2D61, 0, 0])
        return bank
    }

    @Test("one JSON object a line, with exactly the keys that were promised")
    func json() async throws {
        let device = HandMade([7: Self.bank()])
        defer { device.stop() }
        let said = Said()
        let target = try FieldTarget(link: device.start(), unit: 7)
        try await ReadCommand(target, profile: bench.pump(), points: [], json: true).run(time: time, tell: said.tell)
        let end = #""time":"2026-06-21T00:00:00.000Z"}"#
        #expect(
            said.lines == [
                #"{"point":"level","value":3.42,"quality":"good","unit":"m","# + end,
                #"{"point":"total","value":131073,"quality":"good","unit":"m3","# + end,
                #"{"point":"state","value":1,"label":"forward","quality":"good","unit":"","# + end,
                #"{"point":"running","value":true,"quality":"good","unit":"","# + end,
                #"{"point":"tripped","value":false,"quality":"good","unit":"","# + end,
                #"{"point":"speed","value":40,"quality":"good","unit":"Hz","# + end,
                #"{"point":"flow","value":null,"quality":"bad","cause":"comm-failure","unit":"m3/h","# + end,
                #"{"point":"fault","value":true,"quality":"good","unit":"","# + end,
                #"{"point":"mode","value":5,"quality":"good","unit":"","# + end,
                #"{"point":"name","value":"P7-a","quality":"good","unit":"","# + end,
            ])
    }

    @Test("for people the cause is in words, and only the points named are read")
    func words() async throws {
        let device = HandMade([7: Self.bank()])
        defer { device.stop() }
        let said = Said()
        let target = try FieldTarget(link: device.start(), unit: 7)
        try await ReadCommand(target, profile: bench.pump(), points: ["flow", "state"], json: false).run(time: time, tell: said.tell)
        #expect(said.lines.count == 2)
        #expect(said.lines[0].contains("illegal data address"))
        #expect(said.lines[1].contains("1 (forward)"))
    }

    @Test("a dead unit is told after its points, and not asked for each of them")
    func dead() async throws {
        let device = HandMade([:])
        defer { device.stop() }
        let said = Said()
        let target = try FieldTarget(link: device.start(), unit: 3, timeout: "50ms")
        let command = try ReadCommand(target, profile: bench.pump(), points: [], json: true)
        let error = await refusal { () async throws(FieldError) in try await command.run(time: time, tell: said.tell) }
        #expect(said.lines.count == 10)
        #expect(error?.status == 1)
        #expect(error?.description.contains("unit 3: no answer in time") == true)
    }

    @Test("nobody at the port: one line with the link and the cause")
    func nobody() async throws {
        let command = try RawRead(FieldTarget(link: "tcp://127.0.0.1:1", unit: 1), table: .holding, span: "0", style: .plain)
        let error = await refusal { () async throws(FieldError) in try await command.run { _ in } }
        #expect(error?.lines.count == 1)
        #expect(error?.description.contains("tcp://127.0.0.1:1: not connected: connection refused") == true)
    }

    @Test(
        "a command written wrong names the option and exits with 64",
        arguments: [
            ("tcp:/host", 1, "1s", "--link"), ("mqtt://broker", 1, "1s", "--link"), ("tcp://host:99999", 1, "1s", "--link"),
            ("tcp://host", 256, "1s", "--unit"), ("rtu:///dev/ttyS0", 0, "1s", "--unit"), ("rtu:///dev/ttyS0", 248, "1s", "--unit"),
            ("tcp://host", 1, "soon", "--timeout"), ("tcp://host", 1, "0s", "--timeout"),
        ])
    func usage(link: String, unit: Int, timeout: String, option: String) async {
        let error = await refusal { () async throws(FieldError) in _ = try FieldTarget(link: link, unit: unit, timeout: timeout) }
        #expect(error?.status == 64)
        #expect(error?.description.hasPrefix("error: \(option): ") == true)
    }

    @Test("a point that the profile does not have, with the nearest one that it has")
    func unknownPoint() async throws {
        let file = try bench.pump()
        let target = try FieldTarget(link: "tcp://127.0.0.1:1", unit: 1)
        let error = await refusal { () async throws(FieldError) in
            _ = try ReadCommand(target, profile: file, points: ["levl"], json: false)
        }
        #expect(error?.status == 64)
        #expect(error?.description.contains("did you mean 'level'?") == true)
    }

    @Test("a profile with mistakes is told as check tells it")
    func badProfile() async throws {
        let file = try bench.file("bad.yaml", "profile: 1\nmodel: x\npoints:\n  a: { holding: 1, type: int17 }\n")
        let target = try FieldTarget(link: "tcp://127.0.0.1:1", unit: 1)
        let error = await refusal { () async throws(FieldError) in _ = try ReadCommand(target, profile: file, points: [], json: false) }
        #expect(error?.status == 1)
        #expect(error?.lines.first?.hasPrefix("\(file):4:26: error: 'type' cannot be 'int17'") == true, "\(error?.description ?? "")")
        let none = await refusal { () async throws(FieldError) in
            _ = try ReadCommand(target, profile: bench.folder + "/none.yaml", points: [], json: false)
        }
        #expect(none?.description.contains("cannot be read") == true)
    }

    @Test("raw registers are read around those that are not there")
    func raw() async throws {
        let device = HandMade([1: Self.bank()])
        defer { device.stop() }
        let said = Said()
        let target = try FieldTarget(link: device.start(), unit: 1)
        try await RawRead(target, table: .holding, span: "0..11", style: .plain).run(tell: said.tell)
        #expect(said.lines.first == "    0  0x0156  342")
        #expect(said.lines.count == 7)
        #expect(said.lines.last == "6 of 12 holding registers are not there: the device refuses them")
        let bits = Said()
        try await RawRead(target, table: .coil, span: "4", style: .interpreted).run(tell: bits.tell)
        #expect(bits.lines == ["    4  1"])
    }

    @Test("every interpretation of 100.0 stands in the row of its order")
    func interpretation() async throws {
        var bank = RegisterBank()
        bank.set(.holding, 100, [0x42C8, 0x0000, 0x1234, 0x4869])
        let device = HandMade([1: bank])
        defer { device.stop() }
        let target = try FieldTarget(link: device.start(), unit: 1)
        let said = Said()
        try await RawRead(target, table: .holding, span: "100..103", style: .interpreted).run(tell: said.tell)
        let rows = said.lines.map { $0.split(separator: " ").map(String.init) }
        #expect(rows.contains(["100–101", "ABCD", "1120403456", "1120403456", "100.0", "-"]))
        #expect(rows.contains(["102", "AB", "4660", "4660", "1234", "0x1234", ".4"]))
        #expect(rows.contains(["103", "BA", "26952", "26952", "6948", "0x6948", "iH"]))
        #expect(rows.contains { $0.starts(with: ["100–103", "DCBA"]) })
        let json = Said()
        try await RawRead(target, table: .holding, span: "100-101", style: .json).run(tell: json.tell)
        #expect(json.lines.contains(#"{"address":100,"hex":"42C8 0000","order":"ABCD","type":"float32","value":100.0}"#))
    }

    @Test("no range of addresses", arguments: ["", "a", "9..3", "0..65536", "-1", "1..", "1,2"])
    func badSpan(span: String) async throws {
        let target = try FieldTarget(link: "tcp://127.0.0.1:1", unit: 1)
        let error = await refusal { () async throws(FieldError) in
            _ = try RawRead(target, table: .holding, span: span, style: .plain)
        }
        #expect(error?.status == 64)
        #expect(error?.description.hasPrefix("error: --holding: ") == true)
    }
}

@testable import Fieldwork
import FoundationEssentials
import Telemetry
import Testing

/// The profiles of this repository.
private let deviceFiles: [String] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let folder = root.appending(path: "Devices").path
    let makers = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return makers.flatMap { maker in
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(maker)")) ?? [])
            .filter { $0.hasSuffix(".yaml") }.map { "\(folder)/\(maker)/\($0)" }
    }
    .sorted()
}()

@Suite("profiles as tables")
struct ProfileTableTests {
    private let bench: Workbench

    init() throws { bench = try Workbench() }

    @Test("what is exported and imported is exported the same again", arguments: deviceFiles)
    func roundTrip(device: String) throws {
        let before = try ProfileExport(profile: device).csv
        let table = try bench.file("table.csv", before)
        let output = bench.folder + "/again.yaml"
        try ProfileImport(csv: table, model: "Any \"one\": #2").write(to: output)
        #expect(try ProfileExport(profile: output).csv == before)
    }

    @Test("there are devices to try it with")
    func devices() { #expect(deviceFiles.count >= 25) }

    @Test("everything that a point can say survives")
    func everything() throws {
        let file = try bench.file(
            "all.yaml",
            """
            profile: 1
            model: All
            points:
              a: { holding: 1, type: int16, scale: 0.1, offset: -40, unit: Cel, range: [-40, 80.5], every: 90s, max-age: 1h,
                   invalid: [0x7FFF, -32768] }
              b: { holding: 2, type: uint16, values: { 0: "off; or \\\\so", 1: "a, \\"b\\" = c" },
                   writable: { safe: 0, feedback: d, within: 3s } }
              c: { input: 3, type: uint32, order: DCBA, roll-over: 1000000 }
              d: { holding: 5, type: uint16 }
              e: { holding: 6, type: uint16, scale: 0.01, loop: [0, 6], unit: m }
              f: { holding: 7, type: string, length: 9, encoding: utf-8, order: BADC }
              g: { holding: 20, bits: [4, 7], writable: { mask: true } }
              h: { holding: 20, bit: 3 }
              i: { coil: 0, writable: { function: multiple, every: 5s, per-day: 200 } }
              j: { holding: 21, type: float32, writable: { min: 0, max: 50, step: 0.5 } }

            """)
        let before = try ProfileExport(profile: file).csv
        #expect(before.contains(#""0=off\; or \\so;1=a, ""b"" = c""#))
        let output = bench.folder + "/again.yaml"
        try ProfileImport(csv: bench.file("t.csv", before), model: "All").write(to: output)
        #expect(try ProfileExport(profile: output).csv == before)
    }

    @Test("messages are in the table, too, by their paths")
    func messages() throws {
        let text = "name,table,address,type,unit\nlat,json,$.position.lat,float64,deg\nname,json,$['a, b'],string,\n"
        #expect(throws: FieldError.self) { try ProfileImport(text: text, file: "t.csv", model: "M") }
        let quoted = text.replacing("$['a, b']", with: "\"$['a, b']\"")
        let output = try bench.file("m.yaml", ProfileImport(text: quoted, file: "t.csv", model: "M").yaml)
        #expect(try ProfileExport(profile: output).csv.contains("name,json,\"$['a, b']\",string"))
    }

    @Test("what no table can hold is named")
    func lost() throws {
        let file = try bench.file(
            "p.yaml", "profile: 1\nmodel: P\nin-flight: 4\npause: 20ms\npoints:\n  a: { coil: 1 }\n")
        #expect(try ProfileExport(profile: file).lost == ["in-flight", "pause"])
    }

    private static let header = "name,table,address,type,order,scale,offset,unit,every,range-low,range-high,writable"

    @Test(
        "a mistake is told where it stands in the table",
        arguments: [
            ("a,holding,70000,uint16,,,,,,,,", "2:11", "'holding' must be a whole number from 0 to 65535, not '70000'"),
            ("a,holding,1,int17,,,,,,,,", "2:13", "'type' cannot be 'int17'; did you mean 'int16'?"),
            ("a,holding,1,uint16,,0,,,,,,", "2:21", "'scale' cannot be 0: every reading would be the same"),
            ("a,holding,1,uint16,,,,kWh,,,,", "2:23", "units are UCUM's, and 'kWh' is not one; did you mean 'kW.h'?"),
            ("a,holding,1,uint16,,,,,soon,,,", "2:24", "'every' must be a duration such as 250ms, 5s, 10m, 2h or 1d, not 'soon'"),
            ("a,holding,1,uint16,,,,,,5,1,", "2:25", "'range' must be [low, high], but 5 is above 1"),
            ("a,holding,1,uint16,,,,,,5,,", "2:25", "'range' has two ends, and 'range-high' is empty"),
            ("a,input,1,uint16,,,,,,,,true", "2:25", "input registers cannot be written; only coils and holding registers can"),
            ("a,holdin,1,uint16,,,,,,,,", "2:3", "there is no table 'holdin'; did you mean 'holding'?"),
            ("A b,coil,1,,,,,,,,,", "2:1", "a point's name is one word of lower-case letters, digits, '-' and '_', not 'A b'"),
            ("a,coil,1,,,,,,,,,\na,coil,2,,,,,,,,,", "3:1", "'a' is written again; it is already at line 2"),
            ("a,holding,1,uint32,,,,,,,,\nb,holding,2,uint16,,,,,,,,", "3:11",
                "'b' begins at holding register 2, inside 'a' (uint32 at 1 and 2)"),
            ("\"a,coil,1,,,,,,,,,", "2:1", "a field without its closing quote"),
            ("\"a\"x,coil,1,,,,,,,,,", "2:4", "something stands between a closing quote and the next ','"),
            ("a,coil,1", "2:8", "3 fields where the first line names 12"),
            ("a,coil,1,,,,,,,,,maybe", "2:18", "'writable' must be true or false, not 'maybe'"),
        ])
    func mistakes(row: String, place: String, message: String) async {
        let error = await refusal { () async throws(FieldError) in
            _ = try ProfileImport(text: Self.header + "\r\n" + row + "\r\n", file: "t.csv", model: "M")
        }
        #expect(error?.status == 1)
        #expect(error?.lines.contains("t.csv:\(place): error: \(message)") == true, "\(error?.description ?? "no error")")
    }

    @Test(
        "a header that names no columns",
        arguments: [
            ("", "t.csv:1:1: error: the first line must name the columns, and 'name', 'table', 'address' is missing"),
            ("name;table;address\na;coil;1\n", "t.csv:1:1: error: columns are parted by ';' here; save the table with ',' between them"),
            ("name,tabel,address\n", "t.csv:1:6: error: there is no column 'tabel'; did you mean 'table'?"),
            ("name,table,address\n", "t.csv:1:1: error: a table without a point; write one in each row"),
            ("name,table,address,name\n", "t.csv:1:20: error: the column 'name' is here twice"),
        ])
    func headers(text: String, line: String) async {
        let error = await refusal { () async throws(FieldError) in _ = try ProfileImport(text: text, file: "t.csv", model: "M") }
        #expect(error?.lines.contains(line) == true, "\(error?.description ?? "no error")")
    }

    @Test("a quoted field may hold line ends, and what follows is still at its line")
    func lines() async {
        let text = "name,table,address,values,type\na,holding,1,\"0=x\ny\",uint16\nb,holding,2,,int1\n"
        let error = await refusal { () async throws(FieldError) in _ = try ProfileImport(text: text, file: "t.csv", model: "M") }
        #expect(error?.lines.first?.hasPrefix("t.csv:4:14: error: 'type' cannot be 'int1'") == true, "\(error?.description ?? "")")
    }

    @Test("no bytes are too strange for an answer", arguments: 0..<6 as Range<UInt64>)
    func anything(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let letters = Array("name,table,address,\"\r\n;=\\{}[]:#'-0a\u{85}\u{FEFF}\u{2028}é\0")
        for _ in 0..<8 {
            let body = String((0..<Int.random(in: 0...60, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" })
            for header in ["", Self.header + "\n", "name,table,address,values,invalid,safe,writable\n"] {
                guard let table = try? ProfileImport(text: header + body, file: "t.csv", model: body + "x") else { continue }
                #expect(table.pointCount > 0)
            }
        }
    }
}

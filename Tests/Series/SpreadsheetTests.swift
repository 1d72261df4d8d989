import Telemetry
import Testing

@testable import Series

@Suite("Spreadsheets")
struct SpreadsheetTests {
    private func line(_ cells: [Spreadsheet.Cell]) -> String {
        var sheet = Spreadsheet()
        sheet.add(cells)
        return sheet.text
    }

    @Test("a sheet begins with the mark of UTF-8, and lines end as RFC 4180, section 2, has it")
    func frame() {
        #expect(Array(line([.text("液位"), .value(.int(1))]).utf8) == [0xEF, 0xBB, 0xBF] + Array("液位,1\r\n".utf8))
        let cells = [Spreadsheet.Cell.text("a,b"), .text("say \"no\""), .text("two\r\nlines"), .none]
        #expect(line(cells) == "\u{FEFF}\"a,b\",\"say \"\"no\"\"\",\"two\r\nlines\",\r\n")
    }

    /// The characters that OWASP names for "CSV Injection", and their full-width twins.
    @Test(
        "a text that a spreadsheet would take for a formula stays a text; a number keeps its sign",
        arguments: ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＋1", "－1", "＠a"])
    func formulas(text: String) {
        #expect(line([.text(text)]) == "\u{FEFF}\"'\(text)\"\r\n")
        #expect(line([.value(.string(text))]) == line([.text(text)]))
        #expect(line([.value(.double(-1.5)), .value(.int(-7))]) == "\u{FEFF}-1.5,-7\r\n")
    }

    @Test(
        "a clock is written as spreadsheets take it for a date, with milliseconds only where there are any",
        arguments: [
            (midnight, 28_800_000, "2026-06-21 08:00:00"), (midnight + 250, 0, "2026-06-21 00:00:00.250"),
            (0, -3_600_000, "1969-12-31 23:00:00"),
        ])
    func clocks(time: Int64, ahead: Int64, text: String) { #expect(Spreadsheet.clock(at(time), ahead: ahead) == text) }

    private func past(_ name: String, _ columns: Columns, _ edges: [Int64]) throws -> Past {
        var gathering = Gathering(from: at(edges[0]), to: at(edges[edges.count - 1]))
        gathering.add(columns)
        return gathering.past(of: try #require(PointName(name)), unit: "m", edges: edges, silence: .seconds(60))
    }

    @Test("several points are columns of one sheet, and what is missing stands beside what is there")
    func rows() throws {
        let edges = (0...2).map { midnight + $0 * 60_000 }
        let level = Columns([0, 30, 59].map { (time: at(midnight + $0 * 1000), reading: Reading.good(.double(Double($0)))) })
        let state = Columns([(time: at(midnight), reading: .good(.string("=on"))), (time: at(midnight + 70_000), reading: .bad(.stale))])
        let sheet = Spreadsheet(
            [try past("a/b/level", level, edges), try past("a/b/state", state, edges)], figures: [.min, .max, .last, .good],
            zone: "Asia/Shanghai", offset: { _ in 28_800_000 }, title: { "新庄 \($0)" })
        let lines = sheet.text.dropFirst().split(separator: "\r\n").map(String.init)
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("time (Asia/Shanghai),UTC,新庄 a/b/level min (m),"))
        #expect(lines[0].hasSuffix(",新庄 a/b/state gap (s),新庄 a/b/state gap"))
        #expect(lines[1] == "2026-06-21 08:00:00,2026-06-21T00:00:00.000Z,0.0,59.0,59.0,3,1.0,device-silent,,,\"'=on\",1,60.0,stale")
        #expect(lines[2] == "2026-06-21 08:01:00,2026-06-21T00:01:00.000Z,,,,0,60.0,device-silent,,,,0,60.0,stale")
    }

    @Test("samples of several points share a row where they share a moment; a bad one has no value; a gap is told where it begins")
    func samples() throws {
        let edges = [midnight, midnight + 200_000]
        let one: [TimedReading] = [
            (at(midnight), .good(.int(1))), (at(midnight + 90_000), .bad(.commFailure)), (at(midnight + 150_000), .good(.int(2))),
        ]
        let two: [TimedReading] = [(at(midnight + 90_000), .good(.bool(true)))]
        let sheet = Spreadsheet(
            [
                Spreadsheet.Samples(one, of: try past("a/b/one", Columns(one), edges)),
                Spreadsheet.Samples(two, of: try past("a/b/two", Columns(two), edges)),
            ], zone: "UTC", offset: { _ in 0 }, title: { $0.point })
        let lines = sheet.text.dropFirst().split(separator: "\r\n")
        let cells = lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).dropFirst(2).joined(separator: ",") }
        #expect(
            cells == [
                "one (m),one quality,one cause,one gap,two (m),two quality,two cause,two gap",
                "1,good,,150.0 s comm-failure,,,,90.0 s device-silent", ",bad,comm-failure,,TRUE,good,,110.0 s device-silent",
                "2,good,,,,,,",
            ])
    }
}

import Foundation
import Gateway
import Historian
import Series
import Telemetry

/// What was asked of some points, and its forms.
struct HistoryTable {
    let clock: HistoryClock
    let figures: [Past.Figure]
    let step: Step?
    /// Of devices, by site/device.
    let titles: [String: String]
    private var pasts: [Past] = []
    private var samples: [[(time: Timestamp, reading: Reading)]] = []

    init(clock: HistoryClock, figures: [Past.Figure], step: Step?, titles: [String: String]) {
        (self.clock, self.figures, self.step, self.titles) = (clock, figures, step, titles)
    }

    /// What people call the devices, as the site file has it.
    static func titles(_ plan: SitePlan?) -> [String: String] {
        var titles: [String: String] = [:]
        for site in plan?.site.sites ?? [] {
            for device in site.devices { titles["\(site.name)/\(device.name)"] = "\(site.title) \(device.title)" }
        }
        return titles
    }

    mutating func add(_ found: [Past], _ stored: [StoredSample]) {
        for past in found {
            pasts.append(past)
            samples.append(stored.filter { $0.unit == past.unit }.map { ($0.time, $0.reading) })
        }
    }

    func written(as form: History.Form) throws -> String {
        switch form {
        case .text: text
        case .csv:
            if step == nil {
                Spreadsheet(
                    zip(samples, pasts).map { Spreadsheet.Samples($0, of: $1) }, zone: clock.zone, offset: clock.offset, title: title
                ).text
            } else {
                Spreadsheet(pasts, figures: figures, zone: clock.zone, offset: clock.offset, title: title).text
            }
        case .json: try json()
        }
    }

    private func title(_ point: PointName) -> String {
        titles["\(point.site)/\(point.device)"].map { "\($0) \(point)" } ?? point.description
    }

    private func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let lines = try zip(pasts, samples).map { past, samples in
            let answer = PastAnswer(past, figures: figures, step: step, samples: step == nil ? samples : nil, isISO: true)
            return String(decoding: try encoder.encode(answer), as: UTF8.self)
        }
        return "[\n" + lines.joined(separator: ",\n") + "\n]\n"
    }

    private var text: String {
        zip(pasts, samples).map { past, samples in
            let what = step.map { "\($0) from \(past.source.rawValue)" } ?? "samples"
            let unit = past.unit.isEmpty ? "" : " (\(past.unit))"
            let lines = step == nil ? lines(of: samples, past) : lines(of: past)
            let tail = lines.isEmpty ? ["nothing"] : lines
            return "\(title(past.point))\(unit), \(what), \(clock.zone)\n" + tail.map { $0 + "\n" }.joined()
        }.joined(separator: "\n")
    }

    /// Rows in columns; gaps stand where they begin, and rows that are nothing but gap are left out.
    private func lines(of past: Past) -> [String] {
        var cells = [["time"] + figures.map(\.rawValue)]
        var places: [(row: Int, gap: Past.Gap)] = []
        var gaps = past.gaps[...]
        for row in past.rows {
            while let gap = gaps.first, gap.from < row.end {
                if gap.from < row.start || row.rollup.good == 0 { places.append((cells.count, gaps.removeFirst())) } else { break }
            }
            if row.rollup.good > 0 || row.missing == 0 { cells.append([clock.text(row.start)] + figures.map { plain(row[$0]) }) }
            while let gap = gaps.first, gap.from < row.end { places.append((cells.count, gaps.removeFirst())) }
        }
        let widths = cells[0].indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        var lines: [String] = []
        for (index, row) in cells.enumerated() {
            lines += places.filter { $0.row == index }.map { line(of: $0.gap) }
            lines.append(
                zip(row, widths).enumerated().map { column, cell in
                    let room = String(repeating: " ", count: cell.1 - cell.0.count)
                    return column == 0 ? cell.0 + room : room + cell.0
                }.joined(separator: "  "))
        }
        return lines + places.filter { $0.row == cells.count }.map { line(of: $0.gap) }
    }

    /// Samples that are not good are told by the gaps they are in; others show what is wrong.
    private func lines(of samples: [(time: Timestamp, reading: Reading)], _ past: Past) -> [String] {
        var lines: [String] = []
        var gaps = past.gaps[...]
        var last: Past.Gap?
        for (time, reading) in samples {
            while let gap = gaps.first, gap.from < time || gap.from == time && !reading.isGood {
                lines.append(line(of: gap))
                last = gaps.removeFirst()
            }
            if let last, time < last.to, !reading.isGood { continue }
            switch reading {
            case .good(let value): lines.append("\(clock.text(time))  \(plain(value))")
            case .uncertain(let value, let cause): lines.append("\(clock.text(time))  \(plain(value)) uncertain: \(cause.rawValue)")
            case .bad(let cause): lines.append("\(clock.text(time))  – bad: \(cause.rawValue)")
            }
        }
        return lines + gaps.map(line)
    }

    private func line(of gap: Past.Gap) -> String {
        "gap  \(clock.text(gap.from)) to \(clock.text(gap.to))  \(Self.span(gap.length))  \(gap.why.word)"
    }

    /// The two largest units that are not nothing: `2 d 3 h`, `90 s` as `1 min 30 s`.
    static func span(_ length: Duration) -> String {
        let seconds = length.components.seconds
        guard seconds > 0 else { return "\(length.wholeMilliseconds) ms" }
        let parts = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")]
        let first = parts.firstIndex { $0.0 > 0 } ?? 3
        return parts[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }

    private func plain(_ value: Value?) -> String {
        switch value {
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .uint(let value): "\(value)"
        case .double(let value): "\(Self.rounded(value))"
        case .string(let text): text.unicodeScalars.contains { $0.properties.generalCategory == .control } ? text.debugDescription : text
        case nil: "–"
        }
    }

    /// To six digits after the point: a mean has more than anybody reads.
    private static func rounded(_ value: Double) -> Double {
        let scaled = (value * 1e6).rounded() / 1e6
        return abs(value) < 1e9 && abs(value) >= 1e-3 && scaled.isFinite ? scaled : value
    }
}

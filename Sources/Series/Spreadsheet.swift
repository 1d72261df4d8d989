package import Telemetry

/// A table as spreadsheets open it: comma-separated as RFC 4180 has it, lines ended by CR LF, UTF-8 with the mark by which Excel
/// knows it. Text that a spreadsheet would take for a formula is kept a text by an apostrophe.
package struct Spreadsheet: Sendable {
    package enum Cell: Sendable, Hashable {
        case none
        case value(Value)
        case text(String)
        /// A clock somewhere, so many milliseconds ahead of UTC, as spreadsheets take for a date: `2026-11-20 08:00:00`.
        case clock(Timestamp, ahead: Int64)
        /// ISO 8601 in UTC.
        case moment(Timestamp)
    }

    package private(set) var text = "\u{FEFF}"

    package init() {}

    package mutating func add(_ cells: [Cell]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { text += "," }
            switch cell {
            case .none: break
            case .value(let value): text += Self.written(value)
            case .text(let words): text += Self.quoted(words)
            case .clock(let time, let ahead): text += Self.clock(time, ahead: ahead)
            case .moment(let time): text += time.description
            }
        }
        text += "\r\n"
    }

    /// A moment as the clocks there show it, to the second if that is all; without a word about the zone.
    package static func clock(_ time: Timestamp, ahead: Int64) -> String {
        let local = time.advanced(by: .milliseconds(ahead)).description
        guard local.hasSuffix("Z") else { return local }
        let clock = local.dropLast(local.hasSuffix(".000Z") ? 5 : 1)
        return String(clock.map { $0 == "T" ? " " : $0 })
    }

    /// Numbers in the fewest digits that read back the same. A number that JSON and spreadsheets have no word for is a text.
    private static func written(_ value: Value) -> String {
        switch value {
        case .bool(let value): value ? "TRUE" : "FALSE"
        case .int(let value): "\(value)"
        case .uint(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let words): quoted(words)
        }
    }

    private static func quoted(_ field: String) -> String {
        // A space before the sign does not help: some programs trim it.
        let first = field.unicodeScalars.first { $0 != " " }
        let isRisky = first.map { "=+-@\t\r\n＝＋－＠".unicodeScalars.contains($0) } ?? false
        guard isRisky || field.unicodeScalars.contains(where: { ",\"\r\n\t".unicodeScalars.contains($0) }) else { return field }
        return "\"" + (isRisky ? "'" : "") + field.replacing("\"", with: "\"\"") + "\""
    }
}

extension Spreadsheet {
    /// Rows of several points side by side, all of one span and step: the time there and in UTC, then for each point its figures,
    /// how many seconds are missing, and why.
    package init(
        _ pasts: [Past], figures: [Past.Figure], zone: String, offset: (Timestamp) -> Int64, title: (PointName) -> String
    ) {
        self.init()
        var header = ["time (\(zone))", "UTC"]
        for past in pasts {
            let title = title(past.point)
            for figure in figures { header.append("\(title) \(figure.rawValue)" + (figure.isValue ? Self.bracketed(past.unit) : "")) }
            header += ["\(title) gap (s)", "\(title) gap"]
        }
        add(header.map(Cell.text))
        for index in pasts.first?.rows.indices ?? 0..<0 {
            let start = pasts[0].rows[index].start
            var cells = [Cell.clock(start, ahead: offset(start)), .moment(start)]
            for past in pasts {
                let row = past.rows[index]
                cells += figures.map { row[$0].map(Cell.value) ?? .none }
                cells += row.missing > 0 ? [.value(.double(Double(row.missing) / 1000)), .text(row.why?.word ?? "")] : [.none, .none]
            }
            add(cells)
        }
    }

    fileprivate static func bracketed(_ unit: String) -> String { unit.isEmpty ? "" : " (\(unit))" }
}

extension Spreadsheet {
    /// A point's samples, and its gaps.
    package struct Samples {
        fileprivate let past: Past
        fileprivate let samples: [(time: Timestamp, reading: Reading)]
        private var place = 0
        private var gap = 0

        /// - Parameter samples: in order of time.
        package init(_ samples: [(time: Timestamp, reading: Reading)], of past: Past) {
            (self.samples, self.past) = (samples, past)
        }

        fileprivate var next: Timestamp? {
            let sample = samples.indices.contains(place) ? samples[place].time : nil
            let absence = past.gaps.indices.contains(gap) ? past.gaps[gap].from : nil
            return [sample, absence].compactMap(\.self).min()
        }

        /// Value, quality, cause and gap of a moment; passes it.
        fileprivate mutating func cells(at time: Timestamp) -> [Cell] {
            var cells = [Cell](repeating: .none, count: 4)
            if samples.indices.contains(place), samples[place].time == time {
                let reading = samples[place].reading
                cells[0] = reading.value.map(Cell.value) ?? .none
                cells[1] = .text(reading.quality.rawValue)
                cells[2] = .text(reading.cause?.rawValue ?? "")
                place += 1
            }
            if past.gaps.indices.contains(gap), past.gaps[gap].from == time {
                cells[3] = .text("\(past.gaps[gap].length.seconds) s \(past.gaps[gap].why.word)")
                gap += 1
            }
            return cells
        }
    }

    /// Samples of several points side by side: a row for every moment at which one of them has a sample or a gap begins. A sample
    /// that is bad has no value; where a gap begins it is said how long it lasts, and why.
    package init(_ points: [Samples], zone: String, offset: (Timestamp) -> Int64, title: (PointName) -> String) {
        self.init()
        var header = ["time (\(zone))", "UTC"]
        for point in points {
            let title = title(point.past.point)
            header += [title + Self.bracketed(point.past.unit), "\(title) quality", "\(title) cause", "\(title) gap"]
        }
        add(header.map(Cell.text))
        var points = points
        while let now = points.compactMap(\.next).min() {
            var cells = [Cell.clock(now, ahead: offset(now)), .moment(now)]
            for index in points.indices { cells += points[index].cells(at: now) }
            add(cells)
        }
    }
}

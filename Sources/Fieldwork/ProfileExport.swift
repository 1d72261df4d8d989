import Modbus
import Profiles
import Telemetry

/// `headgate profile export`: the points of a profile as a table, for a spreadsheet.
package struct ProfileExport: Sendable {
    private let profile: Profile

    package init(profile path: String) throws(FieldError) { profile = try ProfileFile.read(path) }

    /// RFC 4180, with its header.
    package var csv: String {
        let rows = profile.points.map(Self.row)
        let columns = ProfileColumn.allCases.filter { column in
            ProfileColumn.usual.contains(column) || rows.contains { $0[column] != nil }
        }
        let lines = [columns.map(\.rawValue)] + rows.map { row in columns.map { row[$0] ?? "" } }
        return lines.map { CSVText.line($0) + "\r\n" }.joined()
    }

    /// Keys of the profile itself, which no row can hold.
    package var lost: [String] {
        var lost: [String] = []
        if profile.requestsInFlight != 1 { lost.append("in-flight") }
        if profile.maximumRegisters != Table.holding.maximumRead { lost.append("maximum-registers") }
        if profile.maximumBits != Table.coil.maximumRead { lost.append("maximum-bits") }
        if profile.pause > .zero { lost.append("pause") }
        if profile.timeout != nil { lost.append("timeout") }
        if !profile.forbidden.isEmpty { lost.append("forbidden") }
        if profile.time != nil { lost.append("time") }
        return lost
    }

    private static func row(_ point: ProfilePoint) -> [ProfileColumn: String] {
        var row: [ProfileColumn: String] = [.name: point.name]
        if !point.unit.isEmpty { row[.unit] = point.unit }
        if let range = point.range {
            row[.rangeLow] = range.lowerBound.plain
            row[.rangeHigh] = range.upperBound.plain
        }
        if let source = point.register {
            place(source, in: &row)
            row[.every] = point.every.profileText
            if point.maximumAge != point.every * 3 { row[.maximumAge] = point.maximumAge.profileText }
            if let writable = point.writable { allow(writable, source, in: &row) }
        } else if let path = point.path {
            let types: [ValueType: String] = [.bool: "bool", .int: "int64", .uint: "uint64", .double: "float64", .string: "string"]
            row[.table] = ProfileColumn.message
            row[.address] = path.description
            row[.type] = types[point.valueType]
            if point.maximumAge != .seconds(600) { row[.maximumAge] = point.maximumAge.profileText }
        }
        return row
    }

    private static func place(_ source: RegisterSource, in row: inout [ProfileColumn: String]) {
        row[.table] = source.table.rawValue
        row[.address] = "\(source.address)"
        guard !source.table.isBits else { return }
        let meaning = source.meaning
        row[.type] = source.typeWord
        row[.order] = source.codec.order.rawValue
        if source.scale != 1 { row[.scale] = source.scale.plain }
        if source.offset != 0 { row[.offset] = source.offset.plain }
        if let text = meaning.text {
            row[.length] = "\(text.length)"
            if text.encoding != .ascii { row[.encoding] = text.encoding.rawValue }
        }
        if let bits = meaning.bits {
            if meaning.isFlag {
                row[.bit] = "\(bits.low)"
            } else {
                row[.bitsLow] = "\(bits.low)"
                row[.bitsHigh] = "\(bits.high)"
            }
        }
        if !meaning.labels.isEmpty {
            row[.values] = meaning.labels.sorted { $0.key < $1.key }.map { "\($0)=\(ValueList.escaped($1))" }.joined(separator: ";")
        }
        if let modulus = meaning.rollOver { row[.rollOver] = "\(modulus)" }
        if let loop = meaning.loop {
            row[.loopLow] = loop.first.plain
            row[.loopHigh] = loop.second.plain
        }
        if !meaning.invalid.isEmpty {
            row[.invalid] = meaning.invalid.map { Interpretation.words($0, as: source.codec.type) }.sorted().joined(separator: ";")
        }
    }

    private static func allow(_ writable: Writable, _ source: RegisterSource, in row: inout [ProfileColumn: String]) {
        row[.writable] = "true"
        row[.safe] = writable.safe?.plain
        row[.feedback] = writable.feedback
        if writable.feedback != nil, writable.within != .seconds(10) { row[.within] = writable.within.profileText }
        row[.min] = writable.minimum?.plain
        row[.max] = writable.maximum?.plain
        row[.step] = writable.step?.plain
        row[.writeEvery] = writable.every?.profileText
        row[.perDay] = writable.perDay.map { "\($0)" }
        switch source.function {
        case .single: break
        case .multiple: row[.function] = source.function.rawValue
        case .mask: row[.mask] = "true"
        }
    }
}

/// `0=stopped;1=forward`: an enumeration in one field. In a word, `;` and `\` have a `\` before them.
enum ValueList {
    static func escaped(_ word: String) -> String {
        word.reduce(into: "") { text, character in
            if character == ";" || character == "\\" { text.append("\\") }
            text.append(character)
        }
    }

    /// nil if an entry has no `=`.
    static func read(_ text: String) -> [(number: String, word: String)]? {
        var entries = [""]
        var isEscaped = false
        for character in text {
            if isEscaped || (character != "\\" && character != ";") {
                entries[entries.count - 1].append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                entries.append("")
            }
        }
        var pairs: [(String, String)] = []
        for entry in entries {
            guard let equals = entry.firstIndex(of: "=") else { return nil }
            pairs.append((String(entry[..<equals]).trimmingSpaces, String(entry[entry.index(after: equals)...])))
        }
        return pairs
    }
}

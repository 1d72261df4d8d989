import Documents
import Modbus
import Profiles

/// A profile being written, whose every word remembers which field of a table it came from: so the profile's own reader
/// judges it, and what it finds is told where the person can mend it.
struct ProfileDraft {
    private let file: String
    private(set) var yaml: String
    private var lines: Int
    /// From which column on, by line, the text came from which place.
    private var origins: [Int: [(column: Int, place: Place)]] = [:]
    private var names: [String: Place] = [:]
    private var column = 1

    init(model: String, file: String) {
        self.file = file
        yaml = "profile: 1\nmodel: \(Self.scalar(model))\npoints:\n"
        lines = 3
    }

    /// One point. What the reader could not tell from its text is judged here.
    mutating func add(_ fields: [ProfileColumn: CSVText.Field], at place: Place, _ mistakes: Mistakes) {
        guard let name = fields[.name] else { return mistakes.add("a point needs a name", at: place) }
        if let first = names[name.text] {
            return mistakes.add("'\(name.text)' is written again; it is already at line \(first.line)", at: name.place)
        }
        names[name.text] = name.place
        guard let table = fields[.table] else { return mistakes.add("'\(name.text)' needs a table", at: name.place) }
        let tables = Table.allCases.map(\.rawValue) + [ProfileColumn.message]
        guard tables.contains(table.text) else {
            return mistakes.add("there is no table '\(table.text)'" + suggestion(for: table.text, among: tables), at: table.place)
        }
        guard let address = fields[.address] else { return mistakes.add("'\(name.text)' needs an address", at: table.place) }
        lines += 1
        column = 1
        append("  ", name.place)
        append(Self.scalar(name.text), name.place)
        append(": { ", name.place)
        append("\(table.text): \(Self.scalar(address.text))", address.place)
        for column in ProfileColumn.plain {
            if let field = fields[column] { append(", \(column.rawValue): \(Self.scalar(field.text))", field.place) }
        }
        for (key, low, high) in ProfileColumn.pairs { add(key, fields[low], fields[high], low, high, mistakes) }
        if let values = fields[.values] { add(values: values, mistakes) }
        if let invalid = fields[.invalid] {
            let members = invalid.text.split(separator: ";").map { Self.scalar(String($0).trimmingSpaces) }
            append(", invalid: [\(members.joined(separator: ", "))]", invalid.place)
        }
        addWriting(fields, mistakes)
        append(" }\n", name.place)
    }

    private mutating func add(
        _ key: String, _ low: CSVText.Field?, _ high: CSVText.Field?, _ lowColumn: ProfileColumn, _ highColumn: ProfileColumn,
        _ mistakes: Mistakes
    ) {
        guard let low, let high else {
            if let one = low ?? high {
                let other = low == nil ? lowColumn : highColumn
                mistakes.add("'\(key)' has two ends, and '\(other.rawValue)' is empty", at: one.place)
            }
            return
        }
        append(", \(key): [", low.place)
        append(Self.scalar(low.text), low.place)
        append(", ", high.place)
        append(Self.scalar(high.text) + "]", high.place)
    }

    private mutating func add(values: CSVText.Field, _ mistakes: Mistakes) {
        guard let entries = ValueList.read(values.text) else {
            return mistakes.add("'values' must be numbers and their words, 0=stopped;1=forward, not '\(values.text)'", at: values.place)
        }
        for (index, entry) in entries.enumerated() where entries[..<index].contains(where: { $0.number == entry.number }) {
            return mistakes.add("'values' has \(entry.number) twice", at: values.place)
        }
        let pairs = entries.map { "\(Self.scalar($0.number)): \(Self.scalar($0.word))" }
        append(", values: { \(pairs.joined(separator: ", ")) }", values.place)
    }

    private mutating func addWriting(_ fields: [ProfileColumn: CSVText.Field], _ mistakes: Mistakes) {
        let details = ProfileColumn.writing.compactMap { entry in fields[entry.column].map { (entry.key, $0) } }
        let writable = fields[.writable]
        if let writable, writable.text != "true", writable.text != "false" {
            return mistakes.add("'writable' must be true or false, not '\(writable.text)'", at: writable.place)
        }
        guard let writable, writable.text == "true" else {
            if let (key, field) = details.first { mistakes.add("'\(key)' is for points whose 'writable' is true", at: field.place) }
            return
        }
        guard !details.isEmpty else { return append(", writable: true", writable.place) }
        append(", writable: { ", writable.place)
        for (index, (key, field)) in details.enumerated() {
            append("\(index > 0 ? ", " : "")\(key): \(Self.scalar(field.text))", field.place)
        }
        append(" }", writable.place)
    }

    private mutating func append(_ text: String, _ place: Place) {
        origins[lines, default: []].append((column, place))
        yaml += text
        column += text.unicodeScalars.count
    }

    /// Has the profile's reader judge it.
    func judge(into mistakes: Mistakes) {
        guard !names.isEmpty else { return }
        let found = Mistakes()
        _ = Profiles.read(yaml: yaml, file: file, name: "imported", into: found)
        for mistake in found.sorted { mistakes.add(mistake.message, at: origin(of: mistake.place)) }
    }

    private func origin(of place: Place) -> Place {
        origins[place.line]?.last { $0.column <= place.column }?.place ?? Place(file: file)
    }

    /// One value as YAML: as it is where nothing else could be meant, else in quotes.
    static func scalar(_ text: String) -> String {
        let letters = text.unicodeScalars
        let isPlain = letters.enumerated().allSatisfy { index, letter in
            switch letter {
            case "a"..."z", "A"..."Z", "0"..."9": true
            case "_", ".", "/", "+": index > 0
            case "-": index > 0 || letters.count > 1 && ("0"..."9").contains(letters[letters.index(after: letters.startIndex)])
            default: false
            }
        }
        if isPlain, !letters.isEmpty { return text }
        return letters.reduce(into: "\"") { quoted, letter in
            switch letter {
            case "\"", "\\":
                quoted.unicodeScalars.append("\\")
                quoted.unicodeScalars.append(letter)
            case "\0"..<" ", "\u{7F}", "\u{85}", "\u{2028}", "\u{2029}", "\u{FEFF}": quoted += "\\u" + UInt16(letter.value).hex
            default: quoted.unicodeScalars.append(letter)
            }
        } + "\""
    }
}

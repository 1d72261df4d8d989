import Documents

/// A table as RFC 4180 has it, whose fields remember where they stood.
struct CSVText {
    struct Field {
        let text: String
        let place: Place
    }

    /// Without lines that hold nothing. The first is the header.
    private(set) var rows: [[Field]] = []

    private let file: String
    private let mistakes: Mistakes
    private var rest: Substring.UnicodeScalarView
    private var line = 1
    private var column = 1

    init(_ text: String, file: String, into mistakes: Mistakes) {
        self.file = file
        self.mistakes = mistakes
        rest = Substring(text).unicodeScalars
        if rest.first == "\u{FEFF}" { rest.removeFirst() }
        while !rest.isEmpty {
            let row = row()
            if row.contains(where: { !$0.text.isEmpty }) || row.count > 1 { rows.append(row) }
        }
    }

    private var here: Place { Place(file: file, line: line, column: column) }

    private mutating func take() -> Unicode.Scalar? {
        guard let scalar = rest.popFirst() else { return nil }
        if scalar == "\n" { (line, column) = (line + 1, 1) } else { column += 1 }
        return scalar
    }

    private mutating func takeEndOfLine() -> Bool {
        if rest.first == "\r" { _ = take() }
        guard rest.first == "\n" else { return rest.isEmpty }
        _ = take()
        return true
    }

    private mutating func row() -> [Field] {
        var fields: [Field] = []
        while true {
            fields.append(rest.first == "\"" ? quoted() : plain())
            if rest.first == "," {
                _ = take()
                continue
            }
            if takeEndOfLine() { return fields }
            mistakes.add("something stands between a closing quote and the next ','", at: here)
            while let next = rest.first, next != ",", next != "\n", next != "\r" { _ = take() }
            if rest.first == "," { _ = take() } else if takeEndOfLine() { return fields }
        }
    }

    private mutating func plain() -> Field {
        let place = here
        var text = ""
        while let next = rest.first, next != ",", next != "\n", next != "\r" {
            if next == "\"" { mistakes.add("a quote within a field; put the whole field in quotes, and this one twice", at: here) }
            text.unicodeScalars.append(next)
            _ = take()
        }
        // A carriage return without a line feed ends no line.
        if rest.first == "\r", rest.dropFirst().first != "\n", rest.dropFirst().first != nil {
            mistakes.add("a carriage return within a line; save the table with CR LF or LF at the ends of lines", at: here)
            _ = take()
        }
        return Field(text: text.trimmingSpaces, place: place)
    }

    private mutating func quoted() -> Field {
        let place = here
        var text = ""
        _ = take()
        while let next = take() {
            guard next == "\"" else {
                text.unicodeScalars.append(next)
                continue
            }
            guard rest.first == "\"" else { return Field(text: text, place: place) }
            _ = take()
            text.unicodeScalars.append("\"")
        }
        mistakes.add("a field without its closing quote", at: place)
        return Field(text: text, place: place)
    }

    /// One row, with quotes where they are needed.
    static func line(_ fields: [String]) -> String {
        fields.map { field in
            let isRisky =
                field.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) } || field.first == " " || field.last == " "
            return isRisky ? "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"" : field
        }
        .joined(separator: ",")
    }
}

extension String {
    var trimmingSpaces: String {
        var text = self[...]
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}

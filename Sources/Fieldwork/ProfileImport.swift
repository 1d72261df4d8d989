import Documents
import FoundationEssentials
import Modbus
import Profiles

/// `headgate profile import`: a table of points as a profile. What is wrong is told with the line and column of the table.
package struct ProfileImport: Sendable {
    /// The profile's file.
    package let yaml: String
    package let pointCount: Int

    /// Throws every mistake of the table at once.
    package init(csv path: String, model: String) throws(FieldError) {
        let text = try ProfileFile.text(of: path, called: "table")
        try self.init(text: text, file: path, model: model)
    }

    init(text: String, file: String, model: String) throws(FieldError) {
        guard !model.isEmpty else { throw .usage("--model: empty; write the maker and the model, as in \"Acme HP200\"") }
        let mistakes = Mistakes()
        let table = CSVText(text, file: file, into: mistakes)
        var draft = ProfileDraft(model: model, file: file)
        if let header = Header(table.rows.first ?? [], file: file, into: mistakes) {
            if table.rows.count < 2 { mistakes.add("a table without a point; write one in each row", at: Place(file: file)) }
            for row in table.rows.dropFirst() { header.read(row, into: &draft, mistakes) }
            draft.judge(into: mistakes)
        }
        guard mistakes.isEmpty else { throw .mistakes(mistakes) }
        yaml = draft.yaml
        pointCount = table.rows.count - 1
    }

    /// Writes the profile, in place of one that is there.
    package func write(to path: String) throws(FieldError) {
        guard path.hasSuffix(".yaml") else { throw .usage("--output: a profile's file ends in .yaml, and '\(path)' does not") }
        do {
            try Data(yaml.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw .failed("\(path): the profile cannot be written; see that its folder is there and may be written to")
        }
    }
}

/// Which column stands where.
private struct Header {
    private let columns: [ProfileColumn?]

    /// nil if rows cannot be read by it.
    init?(_ fields: [CSVText.Field], file: String, into mistakes: Mistakes) {
        let known = ProfileColumn.allCases.map(\.rawValue)
        var columns: [ProfileColumn?] = []
        if fields.count == 1, let only = fields.first, only.text.contains(";") {
            mistakes.add("columns are parted by ';' here; save the table with ',' between them", at: only.place)
            return nil
        }
        for field in fields {
            let column = ProfileColumn(rawValue: field.text)
            if column == nil {
                mistakes.add("there is no column '\(field.text)'" + suggestion(for: field.text, among: known), at: field.place)
            } else if columns.contains(column) {
                mistakes.add("the column '\(field.text)' is here twice", at: field.place)
            }
            columns.append(column)
        }
        let missing = ProfileColumn.needed.filter { !columns.contains($0) }
        guard missing.isEmpty else {
            let names = missing.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            mistakes.add("the first line must name the columns, and \(names) is missing", at: fields.first?.place ?? Place(file: file))
            return nil
        }
        self.columns = columns
    }

    func read(_ row: [CSVText.Field], into draft: inout ProfileDraft, _ mistakes: Mistakes) {
        guard let first = row.first else { return }
        if row.count != columns.count {
            let place = row.dropFirst(columns.count).first?.place ?? row.last?.place ?? first.place
            mistakes.add("\(row.count) fields where the first line names \(columns.count)", at: place)
        }
        var fields: [ProfileColumn: CSVText.Field] = [:]
        for (column, field) in zip(columns, row) where !field.text.isEmpty {
            if let column { fields[column] = field }
        }
        draft.add(fields, at: first.place, mistakes)
    }
}

import Documents
import Modbus
import Telemetry

/// Turns a profile's document into a profile, noting every mistake on the way.
struct ProfileReader {
    static let keys = ["profile", "model"] + registerKeys + ["time", "points"]

    /// What means nothing to a device that sends messages.
    private static let registerKeys = [
        "order", "in-flight", "maximum-registers", "maximum-bits", "pause", "timeout", "forbidden", "every",
    ]

    let mistakes: Mistakes

    /// nil if there was any mistake, in this profile or in what the mistakes held before of the same file.
    func profile(_ node: Node, name: String) -> Profile? {
        let before = mistakes.all.count
        guard let form = Form(node, "a profile", keys: Self.keys, in: mistakes) else { return nil }
        checkVersion(form)
        let model = form.string("model", required: true) ?? ""
        let inFlight = form.integer("in-flight", in: 1...64) ?? 1
        let maximum = form.integer("maximum-registers", in: 1...Table.holding.maximumRead) ?? Table.holding.maximumRead
        let maximumBits = form.integer("maximum-bits", in: 1...Table.coil.maximumRead) ?? Table.coil.maximumRead
        let pause = form.duration("pause") ?? .zero
        let timeout = form.duration("timeout")
        let forbidden = form.forbidden("forbidden")
        let defaults = PointReader.Defaults(
            order: form.word("order", as: WordOrder.self) ?? .abcd, every: form.duration("every") ?? .seconds(1),
            maximumRegisters: maximum)
        let time = form.path("time")
        let drafts = drafts(form, defaults: defaults)
        let points = drafts.compactMap(\.point)
        checkSources(points, form)
        checkOverlaps(points)
        for point in points { check(point, against: forbidden) }
        for draft in drafts { draft.checkFeedback(among: drafts, in: mistakes) }
        guard mistakes.all.count == before else { return nil }
        return Profile(
            name: name, model: model, requestsInFlight: inFlight, maximumRegisters: maximum, maximumBits: maximumBits,
            pause: pause, timeout: timeout, forbidden: forbidden, time: time, points: points)
    }

    private func checkVersion(_ form: Form) {
        guard let version = form.require("profile") else { return }
        guard version.scalar != "1" else { return }
        let shown = version.scalar.map { "'\($0)'" } ?? version.kind
        mistakes.add("'profile' is the version of this format, and must be 1, not \(shown)", at: version.place)
    }

    private func drafts(_ form: Form, defaults: PointReader.Defaults) -> [PointReader.Draft] {
        guard let points = form.form("points", "'points'", keys: nil, required: true) else { return [] }
        if points.entries.isEmpty { mistakes.add("a profile needs at least one point", at: points.node.place) }
        return points.entries.map { entry in
            if !PointName.isWord(entry.key) {
                mistakes.add(
                    "a point's name is one word of lower-case letters, digits, '-' and '_', not '\(entry.key)'", at: entry.place)
            }
            let reader = PointReader(name: entry.key, place: entry.place, defaults: defaults, mistakes: mistakes)
            return reader.draft(entry.value)
        }
    }

    /// A device is asked, or it tells.
    private func checkSources(_ points: [ProfilePoint], _ form: Form) {
        let polled = points.filter { $0.register != nil }
        let told = points.filter { $0.path != nil }
        if let asked = polled.first, let stray = told.first {
            mistakes.add(
                "'\(stray.name)' is in messages and '\(asked.name)' in registers; a profile has points of one kind",
                at: stray.place)
        } else if !told.isEmpty {
            for key in Self.registerKeys where form.has(key) {
                mistakes.add("'\(key)' means nothing where all points come in messages", at: form.keyPlace(of: key))
            }
        } else if !polled.isEmpty, form.has("time") {
            mistakes.add("'time' is for messages; registers are stamped when they are read", at: form.keyPlace(of: "time"))
        }
    }

    private func check(_ point: ProfilePoint, against forbidden: [Table: [ClosedRange<Int>]]) {
        guard let source = point.register,
            let range = forbidden[source.table]?.first(where: { source.addresses.overlaps($0) })
        else { return }
        let address = max(range.lowerBound, source.addresses.lowerBound)
        mistakes.add("'\(point.name)' needs \(source.table.singular) \(address), which is forbidden", at: point.place)
    }

    /// No register belongs to two points, but for points that are some of its bits.
    private func checkOverlaps(_ points: [ProfilePoint]) {
        for table in Table.allCases {
            let placed = points.enumerated().compactMap { index, point in
                point.register.flatMap { $0.table == table && $0.meaning.bits == nil ? (index, point, $0) : nil }
            }
            let sorted = placed.sorted { ($0.2.address, $0.0) < ($1.2.address, $1.0) }
            var furthest: (point: ProfilePoint, source: RegisterSource)?
            for (_, point, source) in sorted {
                if let holder = furthest, source.addresses.lowerBound < holder.source.addresses.upperBound {
                    let begins = "'\(point.name)' begins at \(table.singular) \(source.address)"
                    let where_ = source.address == holder.source.address ? "where" : "inside"
                    let tail = source.address == holder.source.address ? " begins" : ""
                    mistakes.add("\(begins), \(where_) '\(holder.point.name)' (\(holder.source.extent))\(tail)", at: point.place)
                }
                if source.addresses.upperBound > furthest?.source.addresses.upperBound ?? 0 { furthest = (point, source) }
            }
        }
    }
}

extension Table {
    /// As people say one of it: `holding register`.
    var singular: String { String(plural.dropLast()) }
}

extension RegisterSource {
    /// What the point covers: `uint32 at 310 and 311`.
    fileprivate var extent: String {
        let addresses = addresses
        let last = addresses.upperBound - 1
        switch addresses.count {
        case 1: return table.isBits ? "at \(address)" : "\(typeWord) at \(address)"
        case 2: return "\(typeWord) at \(address) and \(last)"
        default: return "\(typeWord) at \(address)…\(last)"
        }
    }
}

extension Form {
    /// Where a key itself stands, for what is wrong with its being there at all.
    func keyPlace(of key: String) -> Place { entries.first { $0.key == key }?.place ?? node.place }

    /// A JSON path; a mistake in it is noted where it stands within the text.
    func path(_ key: String) -> JSONPath? {
        guard let text = string(key), let value = node[key] else { return nil }
        do {
            return try JSONPath(text)
        } catch {
            mistakes.add("'\(key)' is \(error)", at: value.place(at: error.offset))
            return nil
        }
    }
}

extension Node {
    /// The place of a character within a text of one line.
    func place(at offset: Int) -> Place {
        guard case .scalar(_, let isQuoted) = content else { return place }
        return Place(file: place.file, line: place.line, column: place.column + offset + (isQuoted ? 1 : 0))
    }
}

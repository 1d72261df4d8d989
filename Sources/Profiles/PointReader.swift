import Documents
import Modbus
import Telemetry

/// Turns one entry of `points` into a point.
struct PointReader {
    static let tables = Table.allCases.map(\.rawValue)
    static let keys =
        tables + ["json", "type"] + registerKeys + ["unit", "every", "range", "writable", "max-age"]
    /// What is said of registers only.
    static let registerKeys = ["order", "scale", "offset"] + meaningKeys

    /// What the profile says for all its points.
    struct Defaults {
        let order: WordOrder
        let every: Duration
        let maximumRegisters: Int
    }

    /// A point as far as it could be read. Its name stands even where the rest is wrong, so that others may refer to it.
    struct Draft {
        let name: String
        let point: ProfilePoint?
        /// Where `writable` names a feedback.
        let feedback: Node?

        func checkFeedback(among drafts: [Draft], in mistakes: Mistakes) {
            guard let feedback, let word = feedback.scalar else { return }
            guard let other = drafts.first(where: { $0.name == word }) else {
                let known = drafts.map(\.name).filter { $0 != name }
                mistakes.add(
                    "feedback '\(word)' is no point of this profile" + suggestion(for: word, among: known), at: feedback.place)
                return
            }
            if other.name == name {
                mistakes.add("'\(name)' cannot be its own feedback; without one, what is read back counts", at: feedback.place)
            } else if let type = other.point?.valueType, let own = point?.valueType, type != own {
                mistakes.add(
                    "feedback '\(word)' (\(type.rawValue)) cannot follow '\(name)' (\(own.rawValue))", at: feedback.place)
            }
        }
    }

    let name: String
    let place: Place
    let defaults: Defaults
    let mistakes: Mistakes

    func draft(_ node: Node) -> Draft {
        guard let form = Form(node, "a point", keys: Self.keys, in: mistakes) else {
            return Draft(name: name, point: nil, feedback: nil)
        }
        let feedback = form.node["writable"]?["feedback"]
        return Draft(name: name, point: point(form), feedback: feedback)
    }

    private func point(_ form: Form) -> ProfilePoint? {
        let sources = (Self.tables + ["json"]).filter(form.has)
        guard let key = sources.first, sources.count == 1 else {
            if let second = sources.dropFirst().first {
                mistakes.add(
                    "'\(name)' is in one place only, not in '\(sources.joined(separator: "' and '"))'",
                    at: form.keyPlace(of: second))
            } else {
                mistakes.add(
                    "'\(name)' needs one of \(Self.tables.joined(separator: ", ")) or json, where it is found", at: place)
            }
            judgeRest(form)
            return nil
        }
        if let table = Table(rawValue: key) { return registerPoint(form, in: table) }
        return messagePoint(form)
    }

    /// Where it is not known what a point is, what can be judged without.
    private func judgeRest(_ form: Form) {
        _ = unit(form)
        _ = form.range("range")
        _ = form.duration("max-age")
        _ = form.duration("every")
    }
}

// What all points have.
extension PointReader {
    func range(_ form: Form, for type: ValueType?) -> ClosedRange<Double>? {
        let range = form.range("range")
        guard form.has("range"), type == .bool || type == .string else { return range }
        mistakes.add(
            "'range' is for numbers, and '\(name)' is \(type == .bool ? "true or false" : "text")", at: form.keyPlace(of: "range")
        )
        return nil
    }

    /// How people write units, and what UCUM calls them.
    private static let ucum = [
        "°C": "Cel", "℃": "Cel", "°F": "[degF]", "kWh": "kW.h", "Wh": "W.h", "m³": "m3", "m³/h": "m3/h", "m^3/h": "m3/h",
        "l/min": "L/min", "W/m²": "W/m2", "W/m^2": "W/m2", "°": "deg", "kph": "km/h", "rpm": "/min", "μS/cm": "uS/cm",
        "µS/cm": "uS/cm",
    ]

    func unit(_ form: Form) -> String {
        guard let unit = form.string("unit") else { return "" }
        if let right = Self.ucum[unit] {
            mistakes.add("units are UCUM's, and '\(unit)' is not one; did you mean '\(right)'?", at: form.place(of: "unit"))
        } else if !unit.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) || unit.utf8.count > 32 {
            mistakes.add("units are UCUM's, without spaces and in ASCII, and '\(unit)' is not one", at: form.place(of: "unit"))
        }
        return unit
    }
}

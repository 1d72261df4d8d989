/// The string extension (cel-go `ext.Strings`): places are counted in Unicode scalars.
extension Function {
    static let strings: [Function] = [
        Function.two("charAt", [Signature([.string, .int], .string)], charAt),
        Function.many("indexOf", 2...3, searches) { arguments, _ throws(EvaluationError) in try indexOf(arguments) },
        Function.many("lastIndexOf", 2...3, searches) { arguments, _ throws(EvaluationError) in try lastIndexOf(arguments) },
        Function.many(
            "substring", 2...3, [Signature([.string, .int], .string), Signature([.string, .int, .int], .string)]
        ) { arguments, _ throws(EvaluationError) in try substring(arguments) },
        Function.many(
            "replace", 3...4,
            [Signature([.string, .string, .string], .string), Signature([.string, .string, .string, .int], .string)], replace),
        Function.many(
            "split", 2...3,
            [Signature([.string, .string], .list(.string)), Signature([.string, .string, .int], .list(.string))], split),
        Function.many("join", 1...2, [Signature([.list(.string)], .string), Signature([.list(.string), .string], .string)], join),
        Function.two("format", [Signature([.string, .list(.dyn)], .string)], format),
        Function.one("lowerAscii", onText) { value, _ in mapped(value) { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 } },
        Function.one("upperAscii", onText) { value, _ in mapped(value) { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 } },
        Function.one("trim", onText) { value, _ in
            guard case .string(let text) = value else { return nil }
            let kept = text.unicodeScalars.drop(while: \.properties.isWhitespace).reversed().drop(while: \.properties.isWhitespace)
            return .string(Function.text(kept.reversed()))
        },
        Function.one("reverse", onText) { value, _ in
            guard case .string(let text) = value else { return nil }
            return .string(Function.text(text.unicodeScalars.reversed()))
        },
    ]

    private static let onText = [Signature([.string], .string)]
    private static let searches = [Signature([.string, .string], .int), Signature([.string, .string, .int], .int)]

    static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private static func mapped(_ value: CELValue, _ change: (UInt8) -> UInt8) -> CELValue? {
        guard case .string(let text) = value else { return nil }
        return .string(String(decoding: text.utf8.map(change), as: UTF8.self))
    }

    /// A place between the scalars of a text.
    private static func place(_ index: Int64, in scalars: [Unicode.Scalar]) throws(EvaluationError) -> Int {
        guard let place = Int(exactly: index), (0...scalars.count).contains(place) else {
            throw .refused("index \(index) is outside a text of \(scalars.count)")
        }
        return place
    }

    private static func charAt(
        _ value: CELValue, _ index: CELValue, _ meter: inout Meter
    ) throws(EvaluationError) -> CELValue? {
        guard case (.string(let text), .int(let index)) = (value, index) else { return nil }
        let scalars = Array(text.unicodeScalars)
        let place = try place(index, in: scalars)
        return .string(place == scalars.count ? "" : String(scalars[place]))
    }

    private static func indexOf(_ arguments: [CELValue]) throws(EvaluationError) -> CELValue? {
        guard case (.string(let whole), .string(let part)) = (arguments[0], arguments[1]) else { return nil }
        let scalars = Array(whole.unicodeScalars)
        var start = 0
        if arguments.count == 3 {
            guard case .int(let index) = arguments[2] else { return nil }
            start = try place(index, in: scalars)
        }
        return .int(Int64(Search.first(Array(part.unicodeScalars), in: scalars, from: start) ?? -1))
    }

    private static func lastIndexOf(_ arguments: [CELValue]) throws(EvaluationError) -> CELValue? {
        guard case (.string(let whole), .string(let part)) = (arguments[0], arguments[1]) else { return nil }
        let scalars = Array(whole.unicodeScalars)
        var end = scalars.count
        if arguments.count == 3 {
            guard case .int(let index) = arguments[2] else { return nil }
            end = try place(index, in: scalars)
        }
        return .int(Int64(Search.last(Array(part.unicodeScalars), in: scalars, upTo: end) ?? -1))
    }

    private static func substring(_ arguments: [CELValue]) throws(EvaluationError) -> CELValue? {
        guard case (.string(let text), .int(let first)) = (arguments[0], arguments[1]) else { return nil }
        let scalars = Array(text.unicodeScalars)
        let start = try place(first, in: scalars)
        guard arguments.count == 3 else { return .string(Function.text(scalars[start...])) }
        guard case .int(let last) = arguments[2] else { return nil }
        let end = try place(last, in: scalars)
        guard start <= end else { throw .refused("a substring from \(start) to \(end) runs backwards") }
        return .string(Function.text(scalars[start..<end]))
    }

    /// Where `part` stands in `whole`, one behind the other, at most so many; an empty part stands before each scalar and
    /// at the end.
    private static func places(of part: [Unicode.Scalar], in whole: [Unicode.Scalar], most: Int) -> [Int] {
        if part.isEmpty { return Array((0...whole.count).prefix(most)) }
        var places: [Int] = []
        var start = 0
        while places.count < most, let place = Search.first(part, in: whole, from: start) {
            places.append(place)
            start = place + part.count
        }
        return places
    }

    private static func replace(_ arguments: [CELValue], _ meter: inout Meter) throws(EvaluationError) -> CELValue? {
        guard case (.string(let text), .string(let old), .string(let new)) = (arguments[0], arguments[1], arguments[2]) else {
            return nil
        }
        var most = Int.max
        if arguments.count == 4 {
            guard case .int(let limit) = arguments[3] else { return nil }
            if limit >= 0 { most = Int(limit) }
        }
        let (scalars, part) = (Array(text.unicodeScalars), Array(old.unicodeScalars))
        let places = places(of: part, in: scalars, most: most)
        // Each place adds what is put there: that may be far more than the text was.
        try meter.spend(places.count)
        for _ in places { try meter.spend(bytes: new.utf8.count) }
        var result = String.UnicodeScalarView()
        var start = 0
        for place in places {
            result.append(contentsOf: scalars[start..<place])
            result.append(contentsOf: new.unicodeScalars)
            start = place + part.count
        }
        result.append(contentsOf: scalars[start...])
        return .string(String(result))
    }

    private static func split(_ arguments: [CELValue], _ meter: inout Meter) throws(EvaluationError) -> CELValue? {
        guard case (.string(let text), .string(let separator)) = (arguments[0], arguments[1]) else { return nil }
        var most = Int.max
        if arguments.count == 3 {
            guard case .int(let limit) = arguments[2] else { return nil }
            if limit == 0 { return .list([]) }
            if limit > 0 { most = Int(limit) }
        }
        let (scalars, part) = (Array(text.unicodeScalars), Array(separator.unicodeScalars))
        // Without a separator the cuts are between the scalars, not before the first.
        let all = places(of: part, in: scalars, most: part.isEmpty ? .max : most - 1)
        let cuts = part.isEmpty ? all.filter { $0 > 0 && $0 < scalars.count }.prefix(most - 1) : all[...]
        if part.isEmpty, scalars.isEmpty { return .list([]) }
        try meter.spend(cuts.count + 1)
        var pieces: [CELValue] = []
        var start = 0
        for cut in cuts {
            pieces.append(.string(Function.text(scalars[start..<cut])))
            start = cut + part.count
        }
        pieces.append(.string(Function.text(scalars[start...])))
        return .list(pieces)
    }

    private static func join(_ arguments: [CELValue], _ meter: inout Meter) throws(EvaluationError) -> CELValue? {
        guard case .list(let members) = arguments[0] else { return nil }
        var separator = ""
        if arguments.count == 2 {
            guard case .string(let text) = arguments[1] else { return nil }
            separator = text
        }
        try meter.spend(members.count)
        var texts: [String] = []
        for member in members {
            guard case .string(let text) = member else { return nil }
            try meter.spend(bytes: text.utf8.count + separator.utf8.count)
            texts.append(text)
        }
        return .string(texts.joined(separator: separator))
    }

    static let quote = Function.one("strings.quote", onText) { value, _ in
        guard case .string(let text) = value else { return nil }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\u{07}": quoted += "\\a"
            case "\u{08}": quoted += "\\b"
            case "\u{0C}": quoted += "\\f"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{0B}": quoted += "\\v"
            case "\\": quoted += "\\\\"
            case "\"": quoted += "\\\""
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return .string(quoted + "\"")
    }
}

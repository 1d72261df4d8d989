package import Telemetry

/// A past as JSON carries it: an object for every row, with the figures that there are, and the gaps.
package struct PastAnswer: Encodable, Sendable {
    private let past: Past
    private let figures: [Past.Figure]
    private let step: Step?
    private let samples: [(time: Timestamp, reading: Reading)]?
    private let isISO: Bool

    /// - Parameters:
    ///   - samples: instead of rows, where no step was asked for.
    ///   - isISO: times are ISO 8601 in UTC, else milliseconds since 1970.
    package init(
        _ past: Past, figures: [Past.Figure] = Past.Figure.usual, step: Step?, samples: [(time: Timestamp, reading: Reading)]? = nil,
        isISO: Bool
    ) {
        (self.past, self.figures, self.step, self.samples, self.isISO) = (past, figures, step, samples, isISO)
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ word: String) { stringValue = word }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    private typealias Object = KeyedEncodingContainer<Key>

    package func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(past.point.description, forKey: Key("point"))
        try object.encode(past.unit, forKey: Key("unit"))
        try object.encodeIfPresent(step?.description, forKey: Key("every"))
        try object.encode(past.source.rawValue, forKey: Key("source"))
        try object.encodeIfPresent(past.silence?.seconds, forKey: Key("longestSilence"))
        var rows = object.nestedUnkeyedContainer(forKey: Key("rows"))
        if let samples {
            for sample in samples {
                var row = rows.nestedContainer(keyedBy: Key.self)
                try time(sample.time, as: "time", in: &row)
                try value(sample.reading.value, as: "value", in: &row)
                try row.encode(sample.reading.quality.rawValue, forKey: Key("quality"))
                try row.encodeIfPresent(sample.reading.cause?.rawValue, forKey: Key("cause"))
            }
        } else {
            for row in past.rows { try encode(row, in: &rows) }
        }
        var gaps = object.nestedUnkeyedContainer(forKey: Key("gaps"))
        for gap in past.gaps {
            var row = gaps.nestedContainer(keyedBy: Key.self)
            try time(gap.from, as: "from", in: &row)
            try time(gap.to, as: "to", in: &row)
            try row.encode(gap.length.seconds, forKey: Key("seconds"))
            try row.encode(gap.why.word, forKey: Key("why"))
        }
    }

    private func encode(_ row: Past.Row, in rows: inout some UnkeyedEncodingContainer) throws {
        var object = rows.nestedContainer(keyedBy: Key.self)
        try time(row.start, as: "time", in: &object)
        for figure in figures { try value(row[figure], as: figure.rawValue, in: &object) }
        guard row.missing > 0 else { return }
        try object.encode(Double(row.missing) / 1000, forKey: Key("missing"))
        try object.encodeIfPresent(row.why?.word, forKey: Key("why"))
    }

    private func time(_ time: Timestamp, as word: String, in object: inout Object) throws {
        if isISO { try object.encode(time.description, forKey: Key(word)) } else { try object.encode(time, forKey: Key(word)) }
    }

    /// What there is not, and a number that JSON has no word for, is null.
    private func value(_ value: Value?, as word: String, in object: inout Object) throws {
        switch value {
        case .bool(let value): try object.encode(value, forKey: Key(word))
        case .int(let value): try object.encode(value, forKey: Key(word))
        case .uint(let value): try object.encode(value, forKey: Key(word))
        case .double(let value) where value.isFinite: try object.encode(value, forKey: Key(word))
        case .string(let value): try object.encode(value, forKey: Key(word))
        case .double, nil: try object.encodeNil(forKey: Key(word))
        }
    }
}

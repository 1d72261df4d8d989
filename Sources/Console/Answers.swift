import Telemetry

/// A reading as JSON carries it: the value as it is, its unit, its quality and why, its time and its age.
struct PointAnswer: Encodable, Sendable {
    struct LastGood: Encodable, Sendable {
        let value: ValueAnswer
        let time: Timestamp
    }

    let point: String
    let value: ValueAnswer?
    let unit: String
    /// `good`, `uncertain`, `bad`; `unread` if the point was never read.
    let quality: String
    let cause: String?
    let time: Timestamp?
    /// Milliseconds since the reading was received.
    let age: Int64?
    /// Only beside a reading that is not good.
    let lastGood: LastGood?

    init(_ point: Point, state: PointTable.State?) {
        self.point = point.name.description
        unit = point.unit
        value = (state?.reading.value).map(ValueAnswer.init)
        quality = state?.reading.quality.rawValue ?? "unread"
        cause = state?.reading.cause?.rawValue
        time = state?.time
        age = state?.age.wholeMilliseconds
        lastGood =
            state?.reading.isGood == false
            ? state?.lastGood.map { LastGood(value: ValueAnswer(value: $0.value), time: $0.time) } : nil
    }
}

/// A bare JSON value. A number JSON has no word for is null.
struct ValueAnswer: Encodable, Sendable {
    let value: Value

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch value {
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .uint(let value): try container.encode(value)
        case .double(let value) where value.isFinite: try container.encode(value)
        case .double: try container.encodeNil()
        case .string(let value): try container.encode(value)
        }
    }
}

struct PointsAnswer: Encodable, Sendable {
    let time: Timestamp
    let points: [PointAnswer]
}

struct EventAnswer: Encodable, Sendable {
    let time: Timestamp
    let kind: String
    let subject: String
    let origin: String
    let text: String

    init(_ event: Event) {
        time = event.time
        kind = event.kind.rawValue
        subject = event.subject
        origin = event.origin
        text = event.text
    }
}

struct EventsAnswer: Encodable, Sendable {
    let events: [EventAnswer]
}

struct PulseAnswer: Encodable, Sendable {
    let time: Timestamp
    let isTrusted: Bool
}

struct MissedAnswer: Encodable, Sendable {
    let count: Int
}

/// A point's past: rows of `[milliseconds, value or null, quality]`, oldest first.
struct HistoryAnswer: Encodable, Sendable {
    struct Row: Encodable, Sendable {
        let row: HistoryRow

        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            try container.encode(row.time)
            if let value = row.reading.value {
                try container.encode(ValueAnswer(value: value))
            } else {
                try container.encodeNil()
            }
            try container.encode(row.reading.quality.rawValue)
        }
    }

    let point: String
    let unit: String
    let from: Timestamp
    let to: Timestamp
    /// Whether the span holds more rows than were looked at.
    let isTruncated: Bool
    let rows: [Row]
    let gaps: [GapAnswer]
}

/// A stretch without a good reading, and why: the cause of bad ones, or `device-silent`, `gateway-not-running`, `no-records`.
struct GapAnswer: Encodable, Sendable {
    let from: Timestamp
    let to: Timestamp
    let why: String
}

/// What does not change while the gateway runs: the county's tree with every point's description.
struct SiteAnswer: Encodable, Sendable {
    struct PointLine: Encodable, Sendable {
        let name: String
        let unit: String
        let type: String
        let maximumAge: Int64
        let range: [Double]?
        let isWritable: Bool
        let isDerived: Bool
    }

    struct Device: Encodable, Sendable {
        let name: String
        let title: String
        let profile: String
        let place: [Double]?
        let points: [PointLine]
    }

    struct Site: Encodable, Sendable {
        let name: String
        let title: String
        let trade: ConsolePlan.Trade
        let town: String
        let village: String
        let place: [Double]?
        let devices: [Device]
    }

    let county: String
    let zone: String
    let hasMap: Bool
    let sites: [Site]

    init(_ plan: ConsolePlan, directory: Directory) {
        county = plan.county
        zone = plan.zone
        hasMap = plan.map != nil
        sites = plan.sites.map { site in
            Site(
                name: site.name, title: site.title, trade: site.trade, town: site.town, village: site.village,
                place: site.place.map(Self.pair), devices: site.devices.map { Self.device($0, of: site.name, in: directory) })
        }
    }

    private static func pair(_ place: ConsolePlan.Place) -> [Double] { [place.longitude, place.latitude] }

    private static func device(_ device: ConsolePlan.Device, of site: String, in directory: Directory) -> Device {
        let known = directory.devices.first { $0.site == site && $0.name == device.name }
        let points = (known?.points ?? []).map { id in
            let point = directory[id]
            return PointLine(
                name: point.name.point, unit: point.unit, type: point.type.rawValue,
                maximumAge: point.maximumAge.wholeMilliseconds, range: point.range.map { [$0.lowerBound, $0.upperBound] },
                isWritable: point.isWritable, isDerived: point.isDerived)
        }
        return Device(
            name: device.name, title: device.title, profile: device.profile, place: device.place.map(pair), points: points)
    }
}

/// The gateway's own state, its rules, and who is watching.
struct WhyAnswer: Encodable, Sendable {
    let point: String
    let answer: String
    /// What happened to it, the newest first.
    let events: [EventAnswer]
}

struct StatusAnswer: Encodable, Sendable {
    struct Watchers: Encodable, Sendable {
        let live: Int
        let limit: Int
        let refused: Int
        let dropped: Int
    }

    let time: Timestamp
    let isTrusted: Bool
    let gateway: ConsoleStatus
    let rules: [RuleLine]
    let watchers: Watchers
}

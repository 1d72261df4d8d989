/// What a moment or a duration consists of (cel-spec, "Date/Time Functions").
extension Function {
    static func times(_ zones: TimeZones) -> [Function] {
        [
            part("getFullYear", zones) { $0.date.year },
            part("getMonth", zones) { $0.date.month - 1 },
            part("getDate", zones) { $0.date.day },
            part("getDayOfMonth", zones) { $0.date.day - 1 },
            part("getDayOfWeek", zones) { ($0.days + 4).floorRemainder(by: 7) },
            part("getDayOfYear", zones) { $0.days - CivilDate(year: $0.date.year, month: 1, day: 1).daysSinceEpoch },
            part("getHours", zones, of: { $0 / 3_600_000_000_000 }) { $0.seconds / 3600 },
            part("getMinutes", zones, of: { $0 / 60_000_000_000 }) { $0.seconds / 60 % 60 },
            part("getSeconds", zones, of: { $0 / 1_000_000_000 }) { $0.seconds % 60 },
            part("getMilliseconds", zones, of: { $0 / 1_000_000 % 1000 }) { $0.nanoseconds / 1_000_000 },
        ]
    }

    /// A moment as a wall clock and calendar show it.
    private struct LocalTime {
        let days: Int64
        /// Since midnight.
        let seconds: Int64
        let nanoseconds: Int64
        var date: CivilDate { CivilDate(daysSinceEpoch: days) }

        init(_ time: Timestamp, offset: Int64) {
            let local = time.seconds + offset
            days = local.floorDivided(by: 86_400)
            seconds = local.floorRemainder(by: 86_400)
            nanoseconds = Int64(time.nanoseconds)
        }
    }

    /// - Parameter span: what it is of a duration, from its nanoseconds; nil where a duration has no such part.
    private static func part(
        _ name: String, _ zones: TimeZones, of span: (@Sendable (Int64) -> Int64)? = nil,
        _ read: @escaping @Sendable (LocalTime) -> Int64
    ) -> Function {
        let signatures =
            [Signature([.timestamp], .int), Signature([.timestamp, .string], .int)]
            + (span == nil ? [] : [Signature([.duration], .int)])
        return Function.many(name, 1...2, signatures) { arguments, _ throws(EvaluationError) in
            switch arguments[0] {
            case .timestamp(let time):
                guard arguments.count == 2 else { return .int(read(LocalTime(time, offset: 0))) }
                guard case .string(let zone) = arguments[1] else { return nil }
                return .int(read(LocalTime(time, offset: try zones.offset(of: zone, at: time))))
            case .duration(let value):
                guard let span, arguments.count == 1 else { return nil }
                return .int(span(value.nanoseconds))
            default: return nil
            }
        }
    }
}

import ArgumentParser
import Documents
import Foundation
import Gateway
import Series
import Telemetry

/// Times as people in one zone write and read them.
struct HistoryClock: Sendable {
    let zone: String
    /// How far its clocks are ahead of UTC at a moment, in milliseconds.
    let offset: @Sendable (Timestamp) -> Int64

    init(_ name: String) throws {
        guard let zone = TimeZone(identifier: name) else {
            throw ValidationError("--zone: '\(name)' is not a time zone; write one such as Asia/Shanghai")
        }
        self.zone = name
        offset = zone.clockOffset
    }

    /// - Parameter option: what to blame.
    func moment(_ text: String, before now: Timestamp, option: String) throws -> Timestamp {
        if let span = Duration(text: text) { return now.advanced(by: .zero - span) }
        // A bare date is a day of this zone, not of UTC.
        if text.count > 10, let time = Timestamp(iso8601: text) { return time }
        if let local = Timestamp(iso8601: (text.count == 10 ? text + "T00:00" : text) + "Z") {
            let about = local.advanced(by: .milliseconds(-offset(local)))
            return local.advanced(by: .milliseconds(-offset(about)))
        }
        throw ValidationError(
            "\(option): '\(text)' is neither a time such as '2026-06-21 12:00' or 2026-06-21T04:00:00Z nor a span such as 2h")
    }

    func text(_ time: Timestamp) -> String { Spreadsheet.clock(time, ahead: offset(time)) }
}

package import Foundation
package import Telemetry

extension TimeZone {
    /// How far the zone's clocks are ahead of UTC at a moment, in milliseconds.
    package var clockOffset: @Sendable (Timestamp) -> Int64 {
        { time in Int64(secondsFromGMT(for: time.date)) * 1000 }
    }
}

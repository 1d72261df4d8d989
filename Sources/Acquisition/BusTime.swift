import Modbus
import Telemetry

/// How long things take on a serial line.
struct LineTime {
    /// In seconds. Eleven bits: start, eight of data, parity or a second stop, stop (Modbus over Serial Line V1.02, §2.5.1).
    let character: Double
    /// The silence that ends a frame: 3.5 characters, but 1.75 ms above 19 200 baud (§2.5.1.1).
    let silence: Double

    init(baud: Int) {
        character = 11 / Double(max(baud, 1))
        silence = baud > 19_200 ? 0.00175 : 3.5 * character
    }

    /// A read and its answer: eight characters there, five and the data back, a silence after each.
    func transaction(bytes: Int) -> Double { Double(13 + bytes) * character + 2 * silence }
}

/// How much of every second a link's plan needs, before anything runs.
///
/// On a line all requests add up. Over TCP a unit's own requests do, as round trips divided by how many it takes in flight.
package struct BusTime: Sendable, CustomStringConvertible {
    package let link: String
    package let requestsPerSecond: Double
    /// Seconds needed in every second, by the whole line or by the unit that needs most.
    package let share: Double
    /// What `share` is made of, in words.
    let reason: String

    /// Nothing is left for answers that are late; scans will be missed.
    package var isOverfull: Bool { share > 1 }

    package var description: String {
        let need = "\(link) needs \(Self.rounded(share)) s of every 1 s (\(reason))"
        return isOverfull ? need + ": scans will be missed; ask less often or for less" : need
    }

    static func rounded(_ number: Double) -> String {
        let digits = number < 0.1 ? 1000.0 : number < 10 ? 100 : 10
        let value = (number * digits).rounded() / digits
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}

extension LinkPlan {
    /// - Parameters:
    ///   - thinking: how long a device on a line is assumed to take before it answers.
    ///   - roundTrip: how long a request over TCP is assumed to take, there and back.
    package func busTime(thinking: Duration = .milliseconds(10), roundTrip: Duration = .milliseconds(20)) -> BusTime {
        var total = 0.0
        var rate = 0.0
        var byUnit: [UInt8: Double] = [:]
        for device in devices {
            let limits = limits(of: device)
            var own = 0.0
            for (period, members) in device.classes {
                let scans = 1 / max(period.seconds, 0.001)
                for block in ReadPlan(device.points, of: members, limits: limits).blocks() {
                    let time =
                        baud.map { LineTime(baud: $0).transaction(bytes: block.bytes) + thinking.seconds } ?? roundTrip.seconds
                    rate += scans
                    total += scans * time
                    own += scans * (time + device.pause.seconds)
                }
            }
            let inFlight = isLine || device.pause > .zero ? 1 : max(device.requestsInFlight, 1)
            byUnit[device.unit.rawValue, default: 0] += own / Double(inFlight)
        }
        let requests = "\(BusTime.rounded(rate)) requests/s"
        let slowest = byUnit.max { ($0.value, $1.key) < ($1.value, $0.key) } ?? (0, 0)
        if let baud, total >= slowest.value {
            return BusTime(link: name, requestsPerSecond: rate, share: total, reason: "\(requests) at \(baud) baud")
        }
        let reason = byUnit.count > 1 || isLine ? "\(requests); unit \(slowest.key) alone needs so much" : requests
        return BusTime(link: name, requestsPerSecond: rate, share: slowest.value, reason: reason)
    }
}

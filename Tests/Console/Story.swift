import Console
import Foundation
import Synchronization
import Telemetry

/// An ordinary hour in the county, with a few things wrong, for the pages to show.
enum Story {
    static let rules = [
        RuleLine(
            name: "water/xinzhuang-drain", about: "Keeps the wet well between 1.2 m and 2.4 m, the lead pump in turn.",
            trade: "water", state: "draining with pump-1",
            marks: [
                .init(point: "xinzhuang-pump/well/level", word: "start", value: 2.4),
                .init(point: "xinzhuang-pump/well/level", word: "stop", value: 1.2),
            ]),
        RuleLine(
            name: "agriculture/dry-soil", about: "Opens a zone's valve when its root zone is dry, for at most 20 minutes.",
            trade: "agriculture", state: "watering zone-2, 12 min left",
            marks: (1...4).map { .init(point: "baihe-farm/zone-\($0)/moisture-15", word: "start", value: 22) }),
        RuleLine(
            name: "sanitation/north-district", about: "Says when a vehicle of the north leaves its district.",
            trade: "sanitation", state: "6 inside, 1 outside"),
    ]

    /// Stands for a back-test's report.
    struct Trial: Codable, Sendable, Hashable {
        let rule: String
        /// Seconds.
        let span: Int64
    }

    static let ledger = ConsoleLedger(
        produced: 182_440, stored: 182_437, lost: ["memory-full": 3],
        destinations: [
            .init(name: "victoria", acknowledged: 182_297, pending: 140, expired: 0, refused: 0, unreadable: 0),
            .init(name: "broker", acknowledged: 181_902, pending: 12, expired: 520, refused: 2, unreadable: 1),
        ], discrepancies: [])

    static let devices = [
        ConsoleStatus.Device(name: "xinzhuang-pump/meter", state: "suspect"), .init(name: "xinzhuang-pump/pump-1", state: "good"),
        .init(name: "xinzhuang-pump/pump-2", state: "down"), .init(name: "xinzhuang-pump/well", state: "good"),
    ]

    static func level(at seconds: Double) -> Double {
        let phase = (seconds / 1500).truncatingRemainder(dividingBy: 1)
        return phase < 0.62 ? 1.2 + 1.2 * phase / 0.62 : 2.4 - 1.2 * (phase - 0.62) / 0.38
    }

    static func isPumping(at seconds: Double) -> Bool { (seconds / 1500).truncatingRemainder(dividingBy: 1) >= 0.62 }

    static func history(_ name: PointName, _ from: Timestamp, _ to: Timestamp, _ limit: Int) -> [HistoryRow] {
        let step = max((to.milliseconds - from.milliseconds) / 900, 1000)
        return stride(from: from.milliseconds, to: to.milliseconds, by: Int64.Stride(step)).prefix(limit).map { milliseconds in
            let seconds = Double(milliseconds) / 1000
            let reading: Reading
            switch name.point {
            case "level" where (2000...2200).contains(seconds.truncatingRemainder(dividingBy: 3600)): reading = .bad(.commFailure)
            case "level": reading = .good(.double(level(at: seconds)))
            case "running":
                let turn = Int(seconds / 1500) % 2
                reading = .good(.bool(isPumping(at: seconds) && name.device == "pump-\(turn + 1)"))
            case "moisture-15": reading = .good(.double(24 + 4 * sin(seconds / 5000)))
            case "moisture-40": reading = .good(.double(30 + 2 * sin(seconds / 7000)))
            default: reading = .bad(.commFailure)
            }
            return HistoryRow(time: Timestamp(milliseconds: milliseconds), reading: reading)
        }
    }

    /// The present of every device; called every second, it moves.
    static func tell(_ county: County, to console: Console?, troubles: Bool, level told: Double? = nil) {
        let now = Double(county.time.now().wall.milliseconds) / 1000
        let turn = Int(now / 1500) % 2
        let pumping = isPumping(at: now)
        func good(_ value: Double) -> Reading { .good(.double((value * 1000).rounded() / 1000)) }
        county.set(
            "xinzhuang-pump/well",
            [
                ("level", good(told ?? level(at: now))), ("outflow", good(pumping ? 412.5 + sin(now) : 0)),
                ("high-float", .good(.bool(false))),
                ("low-float", .good(.bool(true))), ("rain-rate", good(4.2)),
            ], telling: console)
        for index in 0...1 where !(troubles && index == 1) {
            let isOn = pumping && turn == index
            county.set(
                "xinzhuang-pump/pump-\(index + 1)",
                [
                    ("run", .good(.bool(isOn))), ("running", .good(.bool(isOn))), ("fault", .good(.bool(false))),
                    ("selector", .good(.int(2))), ("current", good(isOn ? 41.2 : 0)), ("run-hours", good(1204.6)),
                    ("starts", .good(.int(3911))),
                ], telling: console)
        }
        county.set(
            "xinzhuang-pump/meter",
            [
                ("voltage-a", good(229.8)), ("voltage-b", good(230.4)),
                ("voltage-c", troubles ? .bad(.outOfRange) : good(231.1)), ("power", good(pumping ? 22.4 : 0.3)),
                ("energy", good(48_211.4)), ("frequency", good(49.98)),
            ], telling: console)
        tellFarm(county, to: console, troubles: troubles, at: now)
        tellFleet(county, to: console, troubles: troubles, at: now)
    }

    private static func tellFarm(_ county: County, to console: Console?, troubles: Bool, at now: Double) {
        func good(_ value: Double) -> Reading { .good(.double((value * 10).rounded() / 10)) }
        for zone in 1...4 where !(troubles && zone == 4) {
            let isOpen = zone == 2
            county.set(
                "baihe-farm/zone-\(zone)",
                [
                    ("moisture-15", troubles && zone == 3 ? .bad(.sensorFault) : good(20 + Double(zone) * 2 + sin(now / 60))),
                    ("moisture-40", good(27 + Double(zone))), ("temperature", good(21.5)), ("valve", .good(.bool(isOpen))),
                    ("valve-open", .good(.bool(isOpen && !troubles))),
                ], telling: console)
        }
        county.set(
            "baihe-farm/main", [("flow", good(18.4 + sin(now))), ("pressure", .good(.int(312))), ("volume", good(20_441.2))],
            telling: console)
        county.set(
            "baihe-farm/weather",
            [
                ("air-temperature", good(24.6)), ("humidity", good(78.2)), ("wind-speed", good(2.1)),
                ("radiation", .good(.int(412))),
                ("rain-total", good(812.4)), ("rain-rate", good(0)),
            ], telling: console)
    }

    private static func tellFleet(_ county: County, to console: Console?, troubles: Bool, at now: Double) {
        for number in 1...12 where !(troubles && number == 5) {
            let angle = now / 200 + Double(number) * 0.52
            let latitude = 31.36 + 0.012 * Double(number % 3 + 1) * sin(angle)
            let longitude = 119.82 + 0.015 * Double(number % 4 + 1) * cos(angle)
            let heading = 360 - (angle * 57.3).truncatingRemainder(dividingBy: 360)
            county.set(
                number < 10 ? "fleet/vehicle-0\(number)" : "fleet/vehicle-\(number)",
                [
                    ("latitude", .good(.double(latitude))), ("longitude", .good(.double(longitude))),
                    ("speed", number == 7 && troubles ? .bad(.outOfRange) : .good(.double(18 + Double(number)))),
                    ("heading", .good(.double(heading))),
                    ("ignition", .good(.bool(number != 9))), ("load", .good(.double(Double(number * 7)))),
                ], telling: console)
        }
        for number in 1...60 where !(troubles && [14, 33].contains(number)) {
            county.set(
                "fleet/bin-\(number < 10 ? "0" : "")\(number)",
                [
                    ("fill", troubles && number == 21 ? .bad(.sensorFault) : .good(.double(Double((number * 37) % 97)))),
                    ("temperature", .good(.double(22))), ("battery", .good(.double(3.61))),
                ], telling: console)
        }
    }

    /// What some devices last said before they fell silent.
    static func tellThePast(_ county: County) {
        county.set(
            "xinzhuang-pump/pump-2",
            [
                ("run", .good(.bool(false))), ("running", .good(.bool(false))), ("fault", .good(.bool(false))),
                ("selector", .good(.int(1))), ("current", .good(.double(0))), ("run-hours", .good(.double(1188.1))),
                ("starts", .good(.int(3902))),
            ], ago: .seconds(95))
        county.set(
            "xinzhuang-pump/meter", [("voltage-c", .good(.double(231.3)))], ago: .seconds(640))
        county.set("baihe-farm/zone-3", [("moisture-15", .good(.double(25.8)))], ago: .seconds(1900))
        county.set("fleet/vehicle-07", [("speed", .good(.double(22)))], ago: .seconds(80))
        county.set(
            "fleet/vehicle-05",
            [
                ("latitude", .good(.double(31.342))), ("longitude", .good(.double(119.80))), ("speed", .good(.double(31))),
                ("heading", .good(.double(210))), ("ignition", .good(.bool(true))), ("load", .good(.double(64))),
            ], ago: .seconds(1260))
        for bin in ["fleet/bin-14", "fleet/bin-33"] {
            county.set(
                bin,
                [("fill", .good(.double(62))), ("temperature", .good(.double(20))), ("battery", .good(.double(3.1)))],
                ago: .seconds(9000))
        }
        let now = county.time.now().wall
        func event(_ ago: Int64, _ kind: Event.Kind, _ subject: String, _ origin: String, _ text: String) -> Event {
            Event(time: now.advanced(by: .seconds(-ago)), kind: kind, subject: subject, origin: origin, text: text)
        }
        let events = [
            event(40, .command, "xinzhuang-pump/pump-1/run", "control", "Start confirmed: running 3.1 s after the write."),
            event(44, .decision, "xinzhuang-pump/pump-1/run", "water/xinzhuang-drain", "Start pump-1: level 2.402 m ≥ 2.4 m."),
            event(95, .alarm, "xinzhuang-pump/pump-2", "acquisition", "No answer from pump-2 (unit 12): 3 timeouts in a row."),
            event(
                300, .decision, "baihe-farm/zone-2/valve", "agriculture/dry-soil", "Open: shallow 21.4 % < 22, no rain; 20 min."),
            event(500, .decision, "fleet/vehicle-03", "sanitation/north-district", "vehicle-03 left 北区, 140 m outside."),
            event(720, .gateway, "headgate", "gateway", "Started; the store holds 182 440 samples."),
        ]
        county.events.withLock { $0 = events }
    }
}

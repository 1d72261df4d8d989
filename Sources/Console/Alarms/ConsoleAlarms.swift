package import Alarms
import Synchronization
import Telemetry

/// What the console asks of the alarms, and the orders it hands on. Neither waits.
package struct ConsoleAlarms: Sendable {
    package struct Present: Sendable {
        /// All that is not plainly normal, the most urgent first.
        package let list: [AlarmSummary]
        package let figures: AlarmFigures

        package init(list: [AlarmSummary], figures: AlarmFigures) {
            self.list = list
            self.figures = figures
        }
    }

    let present: @Sendable () -> Present
    /// - Returns: why nothing was done.
    let obey: @Sendable (AlarmOrder) -> AlarmRefusal?

    package init(present: @escaping @Sendable () -> Present, obey: @escaping @Sendable (AlarmOrder) -> AlarmRefusal?) {
        self.present = present
        self.obey = obey
    }

    /// A gateway without alarms.
    package static let none = ConsoleAlarms(
        present: {
            let start = Moment(monotonic: .zero, wall: Timestamp(milliseconds: 0))
            return Present(list: [], figures: AlarmDesk([], at: start).figures(at: start.monotonic))
        },
        obey: { .unknown($0.subject, nearest: nil) })
}

/// The line of alarms that every page shows, made once for all who watch and anew when the alarms say that it is another.
final class AlarmLine: Sendable {
    private struct Latest: Sendable {
        var version = 0
        var answer: (version: Int, line: AlarmLineAnswer)?
    }

    private let alarms: ConsoleAlarms
    private let latest = Mutex(Latest())

    init(_ alarms: ConsoleAlarms) { self.alarms = alarms }

    func changed() { latest.withLock { $0.version += 1 } }

    var now: AlarmLineAnswer {
        let (version, held) = latest.withLock { ($0.version, $0.answer) }
        if let held, held.version == version { return held.line }
        let line = AlarmLineAnswer(alarms.present())
        latest.withLock { $0.answer = (version, line) }
        return line
    }
}

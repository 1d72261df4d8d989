import Telemetry
import Testing

@testable import Control

@Suite("Commands from outside, whatever happens")
struct RemotePropertyTests {
    /// Every command has a value of its own, so that a write names the command it is for.
    private struct Given {
        let command: RemoteCommand
        let value: Value
        let name: String
        let end: Monotonic
        /// Writes of its value that may have reached the device.
        var writes = 0
        var tries = 0
    }

    @Test("no id is run twice and none after its time, and each sender gets one last answer", arguments: 0..<80 as Range<UInt64>)
    func promises(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var bench = RemoteBench()
        var given: [Given] = []
        var sent = 0
        for step in 0..<300 {
            let before = bench.writes.count
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2:
                let name = ["speed", "valve"].randomElement(using: &random) ?? "speed"
                // The valve's values repeat; the speed's do not.
                let value = name == "speed" ? Value.double(5 + Double(given.count % 80) * 0.5) : .bool(given.count % 2 == 0)
                let span = Duration.seconds(Int.random(in: -5...40, using: &random))
                let isKept = Int.random(in: 0..<8, using: &random) == 0
                let command = RemoteCommand(
                    id: "\(given.count)", origin: RemoteBench.origin, point: "station/pump/\(name)", order: .set(value),
                    expires: bench.now.wall.advanced(by: span), isKept: isKept)
                given.append(Given(command: command, value: value, name: name, end: bench.now.monotonic + span))
                sent += 1
                bench.command(command)
                if isKept || span <= .zero { try #require(bench.writes.count == before, "kept or expired, it writes nothing") }
            case 3:
                guard let old = given.randomElement(using: &random) else { continue }
                sent += 1
                let writes = bench.writes.count
                bench.command(old.command)
                try #require(bench.writes.count == writes, "a repetition writes nothing")
                try #require(bench.replies.last?.isLast == true)
            case 4...5: answer(&bench, &given, &random)
            case 6...7: bench.sees(("speed", .double(10)), ("valve", .bool(false)))
            case 8: bench.after(Double(Int.random(in: 0...15, using: &random)))
            default:
                let isOn = Bool.random(using: &random)
                bench.want("valve", isOn ? .bool(true) : nil, .lifeSafety, by: "flood")
            }
            try judge(bench, from: before, &given, step)
        }
        for _ in 0..<40 {
            bench.after(2)
            for (name, point) in [("speed", Bench.id("speed")), ("valve", Bench.id("valve"))] where bench.open[point] != nil {
                bench.answers(name, .failed("no answer"))
            }
        }
        let lasts = bench.replies.filter(\.isLast)
        try #require(lasts.count == sent && Set(lasts.map(\.ticket)).count == sent)
        for (ticket, replies) in Dictionary(grouping: bench.replies, by: \.ticket) {
            try #require(replies.last?.isLast == true, "ticket \(ticket) is told nothing after its last answer")
        }
        let counters = bench.arbiter.counters
        try #require(counters.commands == sent)
        try #require(
            counters.commands
                == counters.commandsAccepted + counters.commandsReleased + counters.commandsRefused + counters.commandsRepeated)
        try #require(counters.wants == counters.accepted + counters.repeated + counters.released + counters.refused)
        try #require(counters.decided == counters.confirmed + counters.diverged + counters.superseded + bench.arbiter.openCommands)
    }

    private func answer(_ bench: inout RemoteBench, _ given: inout [Given], _ random: inout SeededRandom) {
        for name in ["speed", "valve"] where bench.open[Bench.id(name)] != nil {
            let latest = bench.writes.last { $0.hasPrefix(name) } ?? ""
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                bench.answers(name, .failed("no answer"))
            case 1: bench.answers(name, .refused("exception 03"))
            default:
                if let index = given.lastIndex(where: { "\(name)=\(Output.bare($0.value))" == latest }), name == "speed" {
                    given[index].writes += 1
                }
                let number = Double(latest.split(separator: "=").last ?? "") ?? 0
                bench.answers(name, .echoed(name == "speed" ? .double(number) : .bool(latest.hasSuffix("true"))))
            }
        }
    }

    /// What was written to the speed since, each by the value of its command.
    private func judge(_ bench: RemoteBench, from before: Int, _ given: inout [Given], _ step: Int) throws {
        for write in bench.writes[before...] where write.hasPrefix("speed") {
            guard let index = given.lastIndex(where: { $0.name == "speed" && "speed=\(Output.bare($0.value))" == write }) else {
                throw Stranger(write: write)
            }
            given[index].tries += 1
            try #require(given[index].writes == 0, "step \(step): \(write) has reached the device before")
            try #require(!given[index].command.isKept)
            // A wake-up of the arbiter may lie between; time moved to `now` by then, and never past the end unnoticed.
            try #require(
                given[index].end > bench.lastWrite, "step \(step): \(write) at \(bench.lastWrite), after its end \(given[index].end)")
        }
    }

    private struct Stranger: Error { let write: String }
}

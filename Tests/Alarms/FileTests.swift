import Alarms
import Documents
import Telemetry
import Testing

@Suite("alarm files")
struct FileTests {
    static let good = "point: east/well/level\nwhen: { high: 80, deadband: 2 }"

    @Test("a file without mistakes is an alarm with everything an operator needs")
    func complete() throws {
        let read = Watch.read([
            "water/high-level": Watch.yaml(Self.good + "\non-delay: 5s\noff-delay: 10s\nre-alarm: 30m", priority: "high")
        ])
        let alarm = try #require(read.alarms.first)
        #expect(read.mistakes == [])
        #expect(alarm.name == "water/high-level" && alarm.title == "east/well/level" && alarm.unit == "m")
        #expect(alarm.condition == .limit(.high, 80, deadband: 2))
        #expect(alarm.onDelay == .seconds(5) && alarm.offDelay == .seconds(10) && alarm.reAlarm == .seconds(1800))
        #expect(alarm.guidance.role == "pump operator" && alarm.guidance.timeAllowed == .seconds(600))
        #expect(alarm.longestShelf == .seconds(8 * 3600))
    }

    @Test("a file of several points names each, and a parent of several is the one on the same device or site")
    func several() throws {
        let read = Watch.read([
            "dead": Watch.yaml("points: \"*/controller/beat\"\nwhen: { quality: bad }\non-delay: 30s"),
            "silent": Watch.yaml("points: [\"*/pump-*/current\"]\nwhen: { quality: bad }\nparent: dead"),
        ])
        #expect(read.mistakes == [])
        #expect(
            read.alarms.map(\.name).prefix(3) == [
                "dead#east/controller/beat", "dead#west/controller/beat", "silent#east/pump-1/current",
            ])
        let child = try #require(read.alarms.last)
        #expect(child.name == "silent#west/pump-2/current" && child.parent == "dead#west/controller/beat")
        #expect(child.onDelay == .seconds(30), "a child that watches quality lets its parent speak first")
    }

    @Test(
        "mistakes are told with their place and the nearest word",
        arguments: [
            (
                "pint: east/well/level\nwhen: { high: 80, deadband: 2 }",
                "9:1: error: an alarm has no key 'pint'; did you mean 'point'?"
            ),
            (
                "point: east/well/levle\nwhen: { high: 80, deadband: 2 }",
                "9:8: error: east/well has no point 'levle'; did you mean 'level'?"
            ),
            (
                "point: eest/well/level\nwhen: { high: 80, deadband: 2 }",
                "9:8: error: there is no site 'eest'; did you mean 'east'?"
            ),
            (
                "point: east/well/level\nwhen: { hihg: 80, deadband: 2 }",
                "10:9: error: 'when' has no key 'hihg'; did you mean 'high'?"
            ),
            (
                "point: east/well/level\nwhen: { high: 80, low: 2, deadband: 2 }",
                "10:7: error: 'when' says one of: high-high, high, low, low-low"
            ),
            ("point: east/well/level\nwhen: { high: 80 }", "10:7: error: 'when' needs 'deadband'"),
            (
                "point: east/well/level\nwhen: { high: 101, deadband: 1 }",
                "10:15: error: 'east/well/level' goes from 0…100 m, and never gets"
            ),
            ("point: east/well/level\nwhen: { high: 80, deadband: -1 }", "10:29: error: 'deadband' must not be negative"),
            ("point: east/well/float\nwhen: { high: 80, deadband: 1 }", "10:15: error: 'east/well/float' is no number"),
            ("point: east/well/float\nwhen: { is: 1 }", "10:13: error: 'east/well/float' is of type bool, and never '1'"),
            (
                "point: east/well/level\nwhen: { deviation: 1, from: flow, deadband: 0 }",
                "10:29: error: 'east/well/flow' is measured in 'm3/h'"
            ),
            (
                "point: east/well/level\nwhen: { quality: bad, within: 5s }",
                "10:23: error: 'within' says nothing beside 'quality'"
            ),
            (
                "point: east/well/float\nwhen: { is: true }\nparent: daed",
                "11:9: error: there is no alarm 'daed'; did you mean 'dead'?"
            ),
            (
                "point: east/well/float\nwhen: { is: true }\nshelve-at-most: 9h",
                "11:17: error: an alarm of medium priority is shelved for at most 8 h"
            ),
            ("points: \"east/*/levle\"\nwhen: { quality: bad }", "9:9: error: 'points' matches no point: 'east/*/levle'"),
            (
                "point: east/well/float\nwhen: { is: true }\nsuppressed-when: { point: flaot, is: 1 }",
                "11:27: error: east/well has no point 'flaot'"
            ),
        ])
    func mistakes(_ body: String, _ told: String) {
        let read = Watch.read(["dead": Watch.yaml("point: east/controller/beat\nwhen: { quality: bad }"), "a": Watch.yaml(body)])
        #expect(read.mistakes.contains { $0.hasPrefix("Alarms/a.yaml:" + told) }, "\(read.mistakes)")
    }

    @Test(
        "an alarm without cause, consequence, action, time, role or priority is no alarm",
        arguments: [
            "cause", "consequence", "action", "time-allowed", "role", "priority", "about",
        ])
    func guidance(_ key: String) {
        let yaml = Watch.yaml(Self.good).split(separator: "\n").filter { !$0.hasPrefix(key + ":") }.joined(separator: "\n")
        let read = Watch.read(["a": yaml])
        #expect(read.alarms.isEmpty)
        #expect(read.mistakes == ["Alarms/a.yaml:1:1: error: an alarm needs '\(key)'"])
    }

    @Test("all mistakes of a file are told at once")
    func allAtOnce() {
        let read = Watch.read(["a": "alarm: 2\npoint: nowhere\nwhen: { high: x }\npriority: urgent"])
        #expect(read.mistakes.count >= 8, "\(read.mistakes)")
    }

    @Test("alarms that are each other's parents are refused, with the way round")
    func circle() {
        let body = "point: east/well/float\nwhen: { is: true }\nparent: "
        let read = Watch.read(["a": Watch.yaml(body + "b"), "b": Watch.yaml(body + "c"), "c": Watch.yaml(body + "b")])
        #expect(read.alarms.isEmpty)
        #expect(read.mistakes == ["Alarms/b.yaml:11:9: error: alarms are each other's parents: b → c → b"])
        let own = Watch.read(["a": Watch.yaml(body + "a")])
        #expect(own.mistakes == ["Alarms/a.yaml:11:9: error: alarms are each other's parents: a → a"])
    }

    @Test(
        "stars stand for any run within a word",
        arguments: [
            ("east/pump-*/running", 2), ("*/pump-1/running", 2), ("*/*/*", 22), ("*/*", 0), ("ea*t/w*l/l*v*l", 1),
            ("east/well/level*level", 0),
        ])
    func patterns(_ pattern: String, _ count: Int) {
        let read = Watch.read(["a": Watch.yaml("points: \"\(pattern)\"\nwhen: { quality: bad }")])
        #expect(read.alarms.count == count, "\(read.mistakes)")
    }

    @Test("a file of any bytes is alarms or mistakes, and never traps", arguments: 1...60 as ClosedRange<UInt64>)
    func fuzz(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let bodies = [
            Self.good + "\nfirst-out: { group: a, within: 5s }", "points: \"*/w*l/*\"\nwhen: { quality: bad }\nparent: a",
            "point: east/well/level\nwhen: { change: 3, within: 5s, deadband: 1 }\nsuppressed-when: [{ point: float, is: true }]",
        ]
        var isAlarm = 0
        for _ in 0..<40 {
            var bytes = Array(Watch.yaml(bodies[Int.random(in: bodies.indices, using: &random)]).utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0x20...0x7E, using: &random)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(contentsOf: "99999999999".utf8, at: index)
                default: bytes.swapAt(index, Int.random(in: bytes.indices, using: &random))
                }
            }
            let read = Watch.read(["a": String(decoding: bytes, as: UTF8.self)])
            #expect(read.alarms.isEmpty != read.mistakes.isEmpty)
            isAlarm += read.alarms.isEmpty ? 0 : 1
            let desk = AlarmDesk(read.alarms, at: Watch.start)
            #expect(desk.figures(at: Watch.start.monotonic).standing == 0)
        }
        #expect(isAlarm < 40)
    }
}

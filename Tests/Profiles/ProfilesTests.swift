import Documents
import FoundationEssentials
import Modbus
import Profiles
import Telemetry
import Testing

@Suite("Profiles")
struct ProfilesTests {
    private func read(_ yaml: String) throws -> Profile {
        let mistakes = Mistakes()
        let profile = Profiles.read(yaml: yaml, file: "Devices/acme/hp200.yaml", name: "acme/hp200", into: mistakes)
        #expect(mistakes.isEmpty, "\(mistakes.sorted)")
        return try #require(profile)
    }

    @Test("mean what the example in the style guide says")
    func example() throws {
        let profile = try read(
            """
            profile: 1                                     # the format's version, always first
            model: Acme HP200                              # manual: "Modbus map", rev. 4, table 4
            order: CDAB                                    # how the maker lays out 32 bits
            points:
              flow-temperature: { holding: 124, type: int16,  scale: 0.1, unit: Cel,  every: 5s }
              energy-in:        { input: 310,   type: uint32, scale: 1,   unit: kW.h, every: 1m }
            """)
        #expect(profile.name == "acme/hp200" && profile.model == "Acme HP200" && profile.isPolled)
        #expect(profile.requestsInFlight == 1 && profile.maximumRegisters == 125)
        let temperature = try #require(profile["flow-temperature"])
        let codec = RegisterCodec(.int16, order: .cdab)
        #expect(temperature.source == .register(RegisterSource(table: .holding, address: 124, codec: codec, scale: 0.1)))
        #expect(temperature.valueType == .double && temperature.unit == "Cel" && temperature.every == .seconds(5))
        #expect(temperature.maximumAge == .seconds(15) && temperature.writable == nil && temperature.range == nil)
        #expect(temperature.place == Place(file: "Devices/acme/hp200.yaml", line: 5, column: 32))
        let energy = try #require(profile["energy-in"])
        #expect(energy.valueType == .int && energy.every == .seconds(60) && energy.maximumAge == .seconds(180))
        #expect(energy.register?.registerCount == 2 && energy.register?.isScaled == false)
    }

    @Test("say what holds for all points once, and for one point at the point")
    func defaults() throws {
        let profile = try read(
            """
            profile: 1
            model: Acme
            order: DCBA
            in-flight: 4
            maximum-registers: 60
            every: 30s
            points:
              a: { holding: 0, type: int32 }
              b: { holding: 2, type: int32, order: ABCD, every: 250ms, max-age: 1m }
              c: { coil: 0, writable: { safe: false, feedback: d } }
              d: { discrete: 0 }
              e: { holding: 4, type: uint16, range: [0, 50], writable: { safe: 10, feedback: a, within: 3s } }
              f: { coil: 1, writable: true }
            """)
        #expect(profile.requestsInFlight == 4 && profile.maximumRegisters == 60)
        #expect(profile.points.map(\.name) == ["a", "b", "c", "d", "e", "f"])
        #expect(
            profile["a"]?.register?.codec.order == .dcba && profile["a"]?.every == .seconds(30)
                && profile["a"]?.maximumAge == .seconds(90))
        #expect(
            profile["b"]?.register?.codec.order == .abcd && profile["b"]?.every == .milliseconds(250)
                && profile["b"]?.maximumAge == .seconds(60))
        #expect(profile["c"]?.writable == Writable(safe: .bool(false), feedback: "d", within: .seconds(10)))
        #expect(profile["d"]?.writable == nil && profile["d"]?.valueType == .bool)
        #expect(
            profile["e"]?.writable == Writable(safe: .int(10), feedback: "a", within: .seconds(3))
                && profile["e"]?.range == 0...50)
        #expect(profile["f"]?.writable == Writable())
    }

    @Test("of messages are not polled, and their points go stale after ten minutes unless told otherwise")
    func messages() throws {
        let profile = try read(
            """
            profile: 1
            model: Acme tracker
            time: $.at
            points:
              speed: { json: $.speed, type: float64, unit: km/h, range: [0, 200], max-age: 1m }
              label: { json: "$['number plate']", type: string }
              trips: { json: $.trips, type: int64 }
            """)
        let time = try JSONPath("$.at")
        let plate = try JSONPath("$['number plate']")
        #expect(!profile.isPolled && profile.time == time)
        #expect(profile.points.map(\.valueType) == [.double, .string, .int])
        #expect(profile.points.map(\.maximumAge) == [.seconds(60), .seconds(600), .seconds(600)])
        #expect(profile["label"]?.path == plate && profile["label"]?.every == .zero)
    }

    @Test("of all devices in the repository have no mistake, and say at their head what they are")
    func devices() throws {
        let mistakes = Mistakes()
        let folder = Repository.root + "/Devices"
        let profiles = Profiles.load(folder: folder, into: mistakes)
        #expect(mistakes.isEmpty, "\(mistakes.sorted)")
        let lutan = [
            "wet-well", "pump", "power-meter", "lily-zone", "irrigation-main", "weather-station", "tracker", "bin-sensor",
        ]
        #expect(Set(profiles.keys).isSuperset(of: lutan.map { "lutan/\($0)" }))
        for (name, profile) in profiles {
            #expect(profile.name == name)
            let text = try String(contentsOf: URL(filePath: "\(folder)/\(name).yaml"), encoding: .utf8)
            #expect(text.hasPrefix("# "), "\(name)")
        }
    }

    @Test("of the county's pump and tracker are what their panel builder says")
    func county() throws {
        let profiles = Profiles.load(folder: Repository.root + "/Devices", into: Mistakes())
        let pump = try #require(profiles["lutan/pump"])
        #expect(pump["run"]?.writable == Writable(safe: .bool(false), feedback: "running", within: .seconds(10)))
        #expect(pump["run-hours"]?.register?.addresses == 2..<4)
        let well = try #require(profiles["lutan/wet-well"])
        #expect(well["level"]?.register?.reading(registers: [2750], range: well["level"]?.range) == .good(.double(2.75)))
        #expect(well["level"]?.register?.reading(registers: [6001], range: well["level"]?.range) == .bad(.outOfRange))
        let tracker = try #require(profiles["lutan/tracker"])
        let message = try JSON.parse(
            Array(#"{"time":1782000000000,"position":{"lat":31.36,"lon":119.82},"speed":32,"acc":true}"#.utf8))
        let readings = tracker.points.map { reading(of: $0.path?.value(in: message), for: $0) }
        #expect(
            readings == [
                .good(.double(31.36)), .good(.double(119.82)), .good(.double(32)), .bad(.sensorFault), .good(.bool(true)),
                .bad(.sensorFault),
            ])
        #expect(tracker.sourceTime(in: message) == Timestamp(milliseconds: 1_782_000_000_000))
    }

    @Test("of a folder are found at any depth; what is wrong there is named with its file")
    func folder() throws {
        let folder = FileManager.default.temporaryDirectory.path() + "/headgate-profiles-\(UInt64.random(in: 0...(.max)))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let good = "profile: 1\nmodel: A\npoints: { a: { coil: 0 } }\n"
        for (path, bytes) in [
            ("top.yaml", Array(good.utf8)), ("acme/one.yaml", Array(good.utf8)),
            ("acme/deep/two.yaml", [0xEF, 0xBB, 0xBF] + Array(good.utf8)),
            ("acme/wrong.yaml", Array("profile: 1\nmodel: A\npoints: { a: { coil: x } }\n".utf8)), ("acme/notes.txt", []),
            (".hidden.yaml", []),
            ("acme/gbk.yaml", Array("profile: 1\nmodel: ".utf8) + [0xB1, 0xC3]), ("acme/old.yml", Array(good.utf8)),
        ] as [(String, [UInt8])] {
            let file = "\(folder)/\(path)"
            let parent = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(filePath: file))
        }
        let mistakes = Mistakes()
        #expect(Profiles.load(folder: folder, into: mistakes).keys.sorted() == ["acme/deep/two", "acme/one", "top"])
        #expect(
            mistakes.sorted.map { $0.description.replacing(folder, with: "F") } == [
                "F/acme/gbk.yaml:2:8: error: not UTF-8 text",
                "F/acme/old.yml:1:1: error: a profile's file ends in .yaml, or it is not found by its name",
                "F/acme/wrong.yaml:3:22: error: 'coil' must be a whole number from 0 to 65535, not 'x'",
            ])
        let none = Mistakes()
        #expect(Profiles.load(folder: folder + "/nowhere", into: none).isEmpty && none.all.count == 1)
    }

    @Test("say how a device is to be treated, and what its numbers mean")
    func device() throws {
        let profile = try read(
            """
            profile: 1
            model: Acme
            maximum-bits: 16
            pause: 20ms
            timeout: 2s
            forbidden: { holding: [130, [110, 119], [100, 112], 131], coil: [0] }
            points:
              state: { holding: 0, type: uint16, values: { 0: stopped, 1: forward }, writable: { safe: 0, every: 5s, per-day: 200 } }
              total: { holding: 1, type: uint32, roll-over: 1000000 }
              on:    { holding: 0, bit: 3, writable: { mask: true } }
              speed: { holding: 132, type: int16, scale: 0.1, writable: { min: 10, max: 50, step: 0.5, function: multiple } }
            """)
        #expect(profile.maximumBits == 16 && profile.pause == .milliseconds(20) && profile.timeout == .seconds(2))
        #expect(profile.forbidden == [.holding: [100...119, 130...131], .coil: [0...0]])
        let state = try #require(profile["state"])
        #expect(state.labels == [0: "stopped", 1: "forward"] && state.valueType == .int && state.rollOver == nil)
        #expect(state.writable == Writable(safe: .int(0), every: .seconds(5), perDay: 200))
        #expect(profile["total"]?.rollOver == 1_000_000)
        #expect(profile["on"]?.valueType == .bool && profile["on"]?.register?.function == .mask)
        let speed = try #require(profile["speed"])
        #expect(speed.writable == Writable(minimum: 10, maximum: 50, step: 0.5) && speed.register?.function == .multiple)
        let plain = try read("{ profile: 1, model: Acme, points: { a: { coil: 1 } } }")
        #expect(plain.maximumBits == 2000 && plain.pause == .zero && plain.timeout == nil && plain.forbidden.isEmpty)
    }

    @Test("object to a command beyond a point's limits or between its steps")
    func limits() {
        let speed = Writable(minimum: 10, maximum: 50, step: 0.1)
        for value in [Value.double(10), .double(50), .double(10.3), .int(12), .double(49.9)] {
            #expect(speed.objection(to: value) == nil, "\(value)")
        }
        #expect(speed.objection(to: .double(9.9)) == "is below the least that may be written, 10.0")
        #expect(speed.objection(to: .int(51)) == "is above the most that may be written, 50.0")
        #expect(speed.objection(to: .double(10.25)) == "is not in steps of 0.1")
        for value in [Value.double(.nan), .double(.infinity), .double(-.infinity)] { #expect(speed.objection(to: value) != nil) }
        #expect(Writable(step: 5).objection(to: .uint(15)) == nil)
        #expect(Writable().objection(to: .double(1e9)) == nil)
        #expect(speed.objection(to: .bool(true)) == nil)
    }

    @Test("are profiles or mistakes, and never a crash, whatever is done to the text", arguments: 0..<30 as Range<UInt64>)
    func fuzz(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let files = [
            "/Devices/lutan/lily-zone.yaml", "/Tests/Profiles/Golden/what-is-read-is-written-by-the-same-rule/profile.yaml",
            "/Tests/Profiles/Golden/registers-can-hold-more-than-numbers/profile.yaml",
        ]
        let text = try String(contentsOf: URL(filePath: Repository.root + files[Int(seed) % files.count]), encoding: .utf8)
        var words = text.split(whereSeparator: { " ,\n".contains($0) }).map(String.init)
        words += ["-1", "65536", "9e99", "nan", "[]", "{}", "uint64", "DCBA", "json:", "$.a", "1000d", "0", "\"\"", "~"]
        for _ in 0..<20 {
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let line = Int.random(in: 0..<lines.count, using: &random)
                let parts = lines[line].split(separator: " ", omittingEmptySubsequences: false).map(String.init)
                let chosen = Int.random(in: 0..<max(parts.count, 1), using: &random)
                lines[line] = parts.enumerated().map { $0 == chosen ? words.randomElement(using: &random) ?? "" : $1 }.joined(
                    separator: " ")
            }
            let mistakes = Mistakes()
            let profile = Profiles.read(yaml: lines.joined(separator: "\n"), file: "f", name: "f", into: mistakes)
            #expect((profile == nil) == !mistakes.isEmpty)
        }
    }
}

import Telemetry
import Testing

@testable import Sparkplug

@Suite("Commands")
struct CommandTests {
    private func metric(_ name: String?, _ scalar: Scalar, _ type: DataType? = nil, alias: UInt64? = nil) -> Metric {
        Metric(name: name, alias: alias, dataType: type, content: .value(scalar))
    }

    /// tck: operational-behavior-data-commands-ncmd-verb operational-behavior-data-commands-dcmd-verb
    /// tck: operational-behavior-data-commands-ncmd-metric-value operational-behavior-data-commands-dcmd-metric-value
    @Test("become what a host wants a point to be, whichever name and type they use")
    func wanted() throws {
        var node = try EdgeNode.connected()
        let births = try EdgeNode.connected().hearBirths()
        let rows: [(String?, Metric, Value)] = [
            ("well", metric("run", .bool(true)), .bool(true)),
            ("well", metric(nil, .bool(false), alias: births[1]["run"]?.alias), .bool(false)),
            ("well", metric("setpoint", .double(2.5)), .double(2.5)),
            ("well", metric("setpoint", .float(1.25), .float), .double(1.25)),
            ("well", metric("setpoint", .int(3), .int8), .double(3)),
            ("well", metric("mode", .string("auto"), .text), .string("auto")),
            (nil, metric("report/period", .long(60)), .int(60)),
            (nil, metric("report/period", .double(30), .double), .int(30)),
            (nil, metric(nil, .long(15), alias: births[0]["report/period"]?.alias), .int(15)),
        ]
        for (second, row) in rows.enumerated() {
            let now = after(Double(second))
            let actions = node.command(row.1, device: row.0, sent: now.wall, at: now)
            #expect(actions.commands.map(\.value) == [row.2])
            #expect(actions.commands.map(\.device) == [row.0])
            #expect(actions.commands.map(\.sent) == [now.wall])
            #expect(actions.count == 1)
        }
    }

    /// tck: operational-behavior-data-commands-ncmd-metric-name operational-behavior-data-commands-dcmd-metric-name
    @Test("that nothing can come of are refused, each with its reason, and the rest of the message holds")
    func refused() throws {
        var node = try EdgeNode.connected()
        let births = try EdgeNode.connected().hearBirths()
        let payload = Payload(
            timestamp: after(10).wall,
            metrics: [
                metric("nobody", .bool(true)), metric("level", .double(1)), metric("run", .int(1)),
                metric("run", .string("true")),
                metric("setpoint", .double(6)), metric("setpoint", .double(.nan)), Metric(name: "run", content: .null),
                Metric(name: "run", content: .none), metric(nil, .bool(true), alias: 4711), metric(nil, .bool(true)),
                metric(nil, .long(9), alias: births[0]["report/period"]?.alias), metric("run", .bool(true)),
            ])
        let actions = node.hear(
            .message(topic: "spBv1.0/Xinzhuang/DCMD/gateway/well", payload: payload.encoded, isRetained: false), at: after(10))
        #expect(
            actions.refusals == [
                .unknownMetric, .notWritable, .incompatible(.bool), .incompatible(.bool), .outOfRange(0.5...5.5),
                .incompatible(.double), .noValue, .noValue, .unknownMetric, .unknownMetric, .unknownMetric,
            ])
        #expect(actions.commands.map(\.metric) == ["run"])
        #expect(node.command(metric("run", .bool(true)), device: "pond", sent: noon, at: after(10)).refusals == [.unknownDevice])
        _ = node.hear(.deviceLost("well"), at: after(11))
        #expect(node.command(metric("run", .bool(true)), sent: after(12).wall, at: after(12)).refusals == [.deviceLost])
    }

    @Test("that a broker has kept are refused, however fresh they look, and a rebirth request as well")
    func retained() throws {
        var node = try EdgeNode.connected()
        #expect(
            node.command(metric("run", .bool(true)), sent: after(1).wall, isRetained: true, at: after(1)) == [
                .refused(.init(topic: "spBv1.0/Xinzhuang/DCMD/gateway/well", metric: nil, reason: .retained))
            ])
        #expect(node.rebirth(isRetained: true, at: after(20)).refusals == [.retained])
        #expect(node.takesData)
    }

    /// tck: payloads-name-cmd-requirement
    @Test("are taken while they are fresh by the older of their times, and refused when nobody can tell")
    func age() throws {
        func refusal(sent: Double?, own: Double? = nil, isTrusted: Bool = true, isHistorical: Bool = false) throws -> EdgeNode
            .Refusal.Reason?
        {
            var node = try EdgeNode.connected()
            var run = metric("run", .bool(true))
            run.timestamp = own.map { after($0).wall }
            run.isHistorical = isHistorical
            let actions = node.command(run, sent: sent.map { after($0).wall }, at: after(100, isTrusted: isTrusted))
            #expect(actions.commands.count + actions.refusals.count == 1)
            return actions.refusals.first
        }
        #expect(try refusal(sent: 70) == nil)
        #expect(try refusal(sent: 130) == nil)
        #expect(try refusal(sent: nil, own: 99) == nil)
        #expect(try refusal(sent: 69) == .stale(.seconds(31)))
        #expect(try refusal(sent: 131) == .ahead(.seconds(31)))
        #expect(try refusal(sent: 99, own: 50) == .stale(.seconds(50)))
        #expect(try refusal(sent: 99, own: 200) == .ahead(.seconds(100)))
        #expect(try refusal(sent: nil) == .noTimestamp)
        #expect(try refusal(sent: 99, isTrusted: false) == .clockUntrusted)
        #expect(try refusal(sent: 99, isHistorical: true) == .stale(.seconds(1)))
    }

    @Test("that come again, or behind a newer one, are refused")
    func repeated() throws {
        var node = try EdgeNode.connected()
        func send(_ on: Bool, _ sent: Double) -> EdgeNode.Refusal.Reason? {
            node.command(metric("run", .bool(on)), sent: after(sent).wall, at: after(10)).refusals.first
        }
        #expect(send(true, 5) == nil)
        #expect(send(true, 5) == .repeated)
        #expect(send(false, 5) == nil, "two in one millisecond are two")
        #expect(send(false, 4) == .repeated)
        #expect(send(false, 6) == nil)
    }

    @Test("are refused before the births, and after a goodbye not even heard")
    func noSession() throws {
        var node = try EdgeNode.connected(station.with { $0.primaryHost = "county" })
        #expect(node.command(metric("run", .bool(true)), sent: noon, at: after(1)).refusals == [.noSession])
        _ = node.hear(.stop, at: after(2))
        #expect(node.command(metric("run", .bool(true)), sent: after(2).wall, at: after(2)).isEmpty)
    }

    @Test("in what is no payload are refused; what is for others is left alone")
    func others() throws {
        var node = try EdgeNode.connected()
        let garbled = node.hear(
            .message(topic: "spBv1.0/Xinzhuang/NCMD/gateway", payload: [0xFF], isRetained: false), at: after(1))
        #expect(garbled.refusals == [.unreadable(.malformed)])
        let rebirth = Payload(timestamp: noon, metrics: [Metric(name: "Node Control/Rebirth", content: .value(.bool(true)))])
            .encoded
        for topic in [
            "spBv1.0/Xinzhuang/NCMD/other", "spBv1.0/other/NCMD/gateway", "spBv1.0/Xinzhuang/NDATA/gateway", "x",
            "spBv1.0/Xinzhuang/DBIRTH/gateway/well", "spBv1.0/STATE/county",
        ] {
            #expect(node.hear(.message(topic: topic, payload: rebirth, isRetained: false), at: after(20)).isEmpty, "\(topic)")
        }
    }
}

@Suite("A rebirth")
struct RebirthTests {
    /// tck: operational-behavior-data-commands-rebirth-action-1 operational-behavior-data-commands-rebirth-action-2
    /// tck: operational-behavior-data-commands-rebirth-action-3
    @Test("is the whole birth again, with the same bdSeq, and no data between request and birth")
    func whole() throws {
        var node = try EdgeNode.connected(bdSeq: 200)
        _ = node.live(sample("level", .double(2), 1), at: after(1))
        #expect(node.rebirth(at: after(2)).isEmpty, "the last births are too young")
        #expect(node.deadline == .zero + .seconds(5))
        #expect(!node.takesData)
        #expect(node.live(sample("level", .double(3), 3), at: after(3)).isEmpty)
        #expect(node.backlog(sample("level", .double(1), 0), at: after(3)).isEmpty)
        #expect(node.rebirth(at: after(4)).isEmpty, "one birth answers all who ask")
        #expect(node.hear(.tick, at: after(4.999)).isEmpty)
        let births = node.hear(.tick, at: after(5)).sent
        #expect(births.map(\.words) == ["NBIRTH", "DBIRTH well", "DBIRTH meter"])
        #expect(births.map(\.payload.seq) == [0, 1, 2])
        #expect(births[0]["bdSeq"]?.content == .value(.long(200)))
        #expect(births[1]["level"]?.content == .value(.double(3)))
        #expect(node.deadline == nil && node.takesData)
        #expect(node.hear(.tick, at: after(6)).isEmpty)
        #expect(node.rebirth(at: after(7)).isEmpty)
        #expect(node.deadline == .zero + .seconds(10))
        #expect(node.hear(.tick, at: after(10)).words == ["NBIRTH", "DBIRTH well", "DBIRTH meter"])
        #expect(node.rebirth(at: after(15)).words == ["NBIRTH", "DBIRTH well", "DBIRTH meter"], "at once, when the last are old")
    }

    @Test("that is due has the devices as they are then")
    func devices() throws {
        var node = try EdgeNode.connected()
        _ = node.hear(.deviceLost("meter"), at: after(1))
        _ = node.rebirth(at: after(2))
        #expect(node.hear(.deviceBack("meter"), at: after(3)).isEmpty)
        #expect(node.hear(.deviceLost("well"), at: after(3)).words == ["DDEATH well"])
        #expect(node.hear(.tick, at: after(5)).words == ["NBIRTH", "DBIRTH meter"])
    }

    @Test("that is due is forgotten with the connection")
    func forgotten() throws {
        var node = try EdgeNode.connected()
        _ = node.rebirth(at: after(1))
        _ = node.hear(.disconnected, at: after(2))
        #expect(node.deadline == nil)
        #expect(node.hear(.tick, at: after(9)).isEmpty)
    }

    /// tck: operational-behavior-data-commands-ncmd-rebirth-verb operational-behavior-data-commands-ncmd-rebirth-name
    /// tck: operational-behavior-data-commands-ncmd-rebirth-value
    @Test("is asked for by NCMD, by that name, with true, and by nothing else")
    func request() throws {
        var node = try EdgeNode.connected()
        #expect(node.rebirth(false, at: after(10)).isEmpty)
        for name in ["Node Control/rebirth", "Rebirth", "bdSeq"] {
            let metric = Metric(name: name, content: .value(.bool(true)))
            #expect(node.command(metric, device: nil, sent: after(10).wall, at: after(10)).refusals == [.unknownMetric])
        }
        let byDevice = Metric(name: "Node Control/Rebirth", content: .value(.bool(true)))
        #expect(node.command(byDevice, sent: after(10).wall, at: after(10)).refusals == [.unknownMetric])
        let number = Metric(name: "Node Control/Rebirth", content: .value(.int(1)))
        #expect(node.command(number, device: nil, sent: after(10).wall, at: after(10)).refusals == [.incompatible(.bool)])
        #expect(
            node.command(byDevice, device: nil, sent: nil, at: after(10, isTrusted: false)).words.first == "NBIRTH", "however old"
        )
    }
}

extension EdgeNode {
    /// What a rebirth says, to look aliases up in.
    func hearBirths() -> [Sent] {
        var copy = self
        return copy.rebirth(at: after(1000)).sent
    }
}

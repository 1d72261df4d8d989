import Telemetry
import Testing

@testable import Sparkplug

@Suite("Data")
struct DataTests {
    /// tck: topics-ddata-mqtt topics-ddata-seq-num topics-ddata-timestamp topics-ddata-payload payloads-ddata-timestamp
    /// tck: payloads-ddata-seq payloads-ddata-seq-inc payloads-ddata-qos payloads-ddata-retain topics-ndata-mqtt topics-ndata-seq-num
    /// tck: topics-ndata-timestamp topics-ndata-payload payloads-ndata-timestamp payloads-ndata-seq payloads-ndata-seq-inc
    /// tck: payloads-ndata-qos payloads-ndata-retain
    @Test("goes out with what has changed, the time and the next number")
    func messages() throws {
        var node = try EdgeNode.connected()
        let ddata = try #require(
            node.live(sample("level", .double(2.5), 1), sample("starts", .uint(7), 1), at: after(2)).sent.first)
        #expect(ddata.message.topic == "spBv1.0/Xinzhuang/DDATA/gateway/well")
        let ndata = try #require(node.live(sample("journal/pending", .uint(5), 3), device: nil, at: after(3)).sent.first)
        #expect(ndata.message.topic == "spBv1.0/Xinzhuang/NDATA/gateway")
        #expect([ddata, ndata].map(\.payload.seq) == [3, 4])
        #expect([ddata, ndata].map(\.payload.timestamp) == [after(2).wall, after(3).wall])
        #expect([ddata, ndata].allSatisfy { $0.message.qos == 0 && !$0.message.isRetained })
        #expect(ddata.payload.metrics.map(\.content) == [.value(.double(2.5)), .value(.long(7))])
        #expect(ddata.payload.metrics.allSatisfy { $0.timestamp == after(1).wall && !$0.isHistorical })
        #expect(ndata.payload.metrics.map(\.content) == [.value(.long(5))])
    }

    /// tck: payloads-alias-data-cmd-requirement payloads-metric-datatype-not-req
    @Test("names its metrics by the alias of their birth alone, and leaves the type to it")
    func aliases() throws {
        var node = try EdgeNode(station, bdSeq: 0)
        _ = node.hear(.start, at: after(0))
        let births = node.hear(.connected, at: after(0)).sent
        for (device, birth) in zip([nil, "well", "meter"], births) {
            for definition in device.map({ id in station.devices.first { $0.id == id }?.metrics ?? [] }) ?? station.metrics {
                let bad = MetricSample(metric: definition.name, time: after(1).wall, reading: .bad(.commFailure))
                let metric = try #require(node.live(bad, device: device, at: after(1)).sent.first?.payload.metrics.first)
                #expect(metric.name == nil && metric.dataType == nil)
                #expect(metric.alias == birth[definition.name]?.alias && metric.alias != nil)
            }
        }
    }

    /// tck: principles-rbe-recommended operational-behavior-data-publish-nbirth-change
    /// tck: operational-behavior-data-publish-dbirth-change
    @Test("that has not changed stays unsent, unless all is wanted")
    func byException() throws {
        for isAllWanted in [false, true] {
            var node = try EdgeNode.connected(station.with { $0.reportsByException = !isAllWanted })
            for (device, metric) in [("well", "starts"), (nil, "journal/pending")] {
                let words = [1, 2, 2, 2, 3, 2].enumerated().map { second, value in
                    node.live(sample(metric, .uint(value), Double(second)), device: device, at: after(Double(second))).count
                }
                #expect(words == (isAllWanted ? [1, 1, 1, 1, 1, 1] : [1, 1, 0, 0, 1, 1]))
            }
        }
        var node = try EdgeNode.connected()
        _ = node.live(sample("level", .double(2), 1), at: after(1))
        #expect(node.live(sample("level", .uncertain(.double(2), .stale), at: 2), at: after(2)).count == 1, "its quality has")
        _ = node.live(sample("level", .double(2), 3), sample("level", .double(2), 9), at: after(9))
        let born = node.rebirth(at: after(20)).sent
        #expect(born[1]["level"]?.timestamp == after(9).wall, "but it was seen since")
    }

    /// tck: operational-behavior-data-publish-nbirth-order operational-behavior-data-publish-dbirth-order
    @Test("is in the order of its times, in births too")
    func order() throws {
        var node = try EdgeNode.connected()
        let sent = node.live(
            sample("starts", .uint(1), 5), sample("level", .double(2), 3), sample("level", .double(3), 4), at: after(6)
        ).sent
        #expect(sent.first?.payload.metrics.map(\.timestamp) == [3, 4, 5].map { after($0).wall })
        _ = node.live(sample("journal/pending", .uint(1), 7), device: nil, at: after(8))
        _ = node.live(sample("Properties/Model", .string("x"), 2), device: nil, at: after(8))
        for birth in node.rebirth(at: after(20)).sent {
            let times = birth.payload.metrics.compactMap(\.timestamp)
            #expect(times == times.sorted(), "\(birth.words)")
        }
    }

    /// tck: payloads-sequence-num-always-included payloads-sequence-num-incrementing
    @Test("counts on with every message to 255, then from 0; and from 0 again at each birth")
    func sequence() throws {
        var node = try EdgeNode.connected()
        for number in 3...600 {
            let actions =
                switch number % 4 {
                case 0: node.hear(.deviceLost("meter"), at: after(1))
                case 1: node.hear(.deviceBack("meter"), at: after(1))
                case 2: node.live(sample("starts", .uint(UInt64(number)), 1), at: after(1))
                default: node.live(sample("journal/pending", .uint(UInt64(number)), 1), device: nil, at: after(1))
                }
            #expect(actions.sent.map(\.payload.seq) == [UInt64(number % 256)])
        }
        #expect(node.rebirth(at: after(9)).sent.map(\.payload.seq).prefix(2) == [0, 1])
    }

    /// tck: payloads-ndata-order payloads-ddata-order
    @Test("waits for the births, of its own device as well")
    func waits() throws {
        var node = try EdgeNode.connected(station.with { $0.primaryHost = "county" })
        #expect(node.live(sample("level", .double(1), 1), at: after(1)).isEmpty)
        #expect(node.live(sample("journal/pending", .uint(1), 1), device: nil, at: after(1)).isEmpty)
        #expect(node.state(true, 1, at: after(2)).words == ["NBIRTH", "DBIRTH well", "DBIRTH meter"])
        #expect(node.live(sample("level", .double(2), 3), at: after(3)).words == ["DDATA well"])
    }

    /// tck: payloads-propertyset-quality-value-type payloads-propertyset-quality-value-value
    @Test("that is bad is null with quality 0; doubtful, a value with 500; good again, 192 once")
    func quality() throws {
        var node = try EdgeNode.connected()
        _ = node.live(sample("level", .double(1), 0), at: after(0))
        let rows: [(Reading, Metric.Content, [Property])] = [
            (.good(.double(2)), .value(.double(2)), []),
            (.bad(.commFailure), .null, [.quality(.bad), .string("Cause", "comm-failure")]),
            (.uncertain(.double(2), .substituted), .value(.double(2)), [.quality(.stale), .string("Cause", "substituted")]),
            (.uncertain(.double(2), .stale), .value(.double(2)), [.quality(.stale), .string("Cause", "stale")]),
            (.good(.double(2)), .value(.double(2)), [.quality(.good)]),
            (.good(.double(3)), .value(.double(3)), []),
            (.good(.double(.nan)), .null, [.quality(.bad), .string("Cause", "sensor-fault")]),
            (.uncertain(.double(.infinity), .stale), .null, []),
        ]
        for (second, row) in rows.enumerated() {
            let now = after(Double(second + 1))
            let metrics = node.live(sample("level", row.0, at: Double(second + 1)), at: now).sent.flatMap(\.payload.metrics)
            if row.2.isEmpty, row.1 == .null {
                #expect(metrics.isEmpty, "not a number again")
            } else {
                #expect(metrics.map(\.content) == [row.1])
                #expect(metrics.map(\.properties) == [row.2])
            }
        }
        #expect([QualityCode.bad, .good, .stale].map(\.rawValue) == [0, 192, 500])
        #expect(Property.quality(.stale) == Property(name: "Quality", type: .int32, value: .int(500)))
        let birth = node.rebirth(at: after(30)).sent[1]["level"]
        #expect(birth?.content == .null && birth?.quality == .bad)
    }

    @Test("from the past is historical, in its order, and is never the current value")
    func historical() throws {
        var node = try EdgeNode.connected()
        _ = node.live(sample("level", .double(5), 50), at: after(50))
        let past = [1.0, 2, 3, 4].map { sample("level", .double($0), $0) }
        let sent = node.hear(.samples(past, device: "well", .backlog), at: after(60)).sent
        #expect(sent.map(\.words) == ["DDATA well"])
        #expect(sent[0].payload.metrics.map(\.content) == [1, 2, 3, 4].map { .value(.double($0)) })
        #expect(sent[0].payload.metrics.map(\.timestamp) == [1, 2, 3, 4].map { after($0).wall })
        #expect(sent[0].payload.metrics.allSatisfy { $0.isHistorical })
        let late = node.live(sample("level", .double(4.5), 49), sample("level", .double(6), 61), at: after(61)).sent
        #expect(late[0].payload.metrics.map(\.isHistorical) == [true, false], "older than what the host has")
        _ = node.backlog(sample("level", .bad(.commFailure), at: 5), at: after(62))
        let good = node.live(sample("level", .double(6), 63), sample("level", .double(7), 64), at: after(64)).sent
        #expect(good[0].payload.metrics.map(\.properties) == [[]], "what was bad then says nothing of now")
        #expect(node.rebirth(at: after(90)).sent[1]["level"]?.content == .value(.double(7)))
    }

    @Test("of a clock that ran ahead does not turn the news into history")
    func future() throws {
        var node = try EdgeNode.connected()
        _ = node.live(sample("level", .double(5), 1e9), at: after(1))
        let news = node.live(sample("level", .double(2), 2), at: after(2)).sent
        #expect(news.first?.payload.metrics.map(\.isHistorical) == [false])
    }

    @Test("of a device that is gone goes between a birth of stale values and a death, and only once")
    func pastOfTheGone() throws {
        var node = try EdgeNode.connected(station.with { $0.reportsByException = false })
        _ = node.live(sample("level", .double(2), 1), at: after(1))
        _ = node.hear(.deviceLost("well"), at: after(2))
        let sent = node.backlog(sample("level", .double(1), 0.5), at: after(3)).sent
        #expect(sent.map(\.words) == ["DBIRTH well", "DDATA well", "DDEATH well"])
        #expect(sent.map(\.payload.seq) == [5, 6, 7])
        #expect(sent[0]["level"]?.content == .value(.double(2)) && sent[0]["level"]?.quality == .stale)
        #expect(sent[1].payload.metrics.allSatisfy { $0.isHistorical })
        let failed = [4.0, 5, 6].map { node.live(sample("level", .bad(.commFailure), at: $0), at: after($0)).sent }
        #expect(failed[0].flatMap(\.payload.metrics).filter { $0.name == nil }.map(\.isHistorical) == [true])
        #expect(
            failed.map { $0.map(\.words) } == [["DBIRTH well", "DDATA well", "DDEATH well"], [], []],
            "each poll of it fails alike")
        let back = node.hear(.deviceBack("well"), at: after(9)).sent
        #expect(back[0]["level"]?.quality == .bad)
    }

    @Test("that no birth has introduced is handed back, and the rest goes out")
    func unpublishable() throws {
        var node = try EdgeNode.connected()
        let strange = [sample("nobody", .bool(true), 1), sample("starts", .double(1.5), 1), sample("run", .int(1), 1)]
        let actions = node.hear(.samples(strange + [sample("starts", .double(4), 1)], device: "well", .live), at: after(1))
        #expect(actions.prefix(3) == strange.map { .unpublishable($0, device: "well") }[...])
        #expect(actions.sent.flatMap(\.payload.metrics).map(\.content) == [.value(.long(4))])
        #expect(node.live(strange[0], device: "nobody", at: after(1)) == [.unpublishable(strange[0], device: "nobody")])
        #expect(node.live(strange[0], device: "", at: after(1)) == [.unpublishable(strange[0], device: "")])
    }

    @Test("is divided where a message would be too long, or hold a metric twice with one time")
    func pieces() throws {
        var node = try EdgeNode.connected(station.with { $0.maximumMetrics = 4 })
        let past = (0..<10).map { sample("level", .double(Double($0)), Double($0)) }
        #expect(
            node.hear(.samples(past, device: "well", .backlog), at: after(60)).sent.map(\.payload.metrics.count) == [4, 4, 2])
        let twins = [sample("level", .double(1), 5), sample("starts", .uint(1), 5), sample("level", .double(2), 5)]
        let sent = node.hear(.samples(twins, device: "well", .live), at: after(60)).sent
        #expect(
            sent.map { $0.payload.metrics.map(\.content) } == [[.value(.double(1)), .value(.long(1))], [.value(.double(2))]])
    }
}

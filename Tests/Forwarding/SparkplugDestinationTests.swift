import Historian
import MQTT
import RealServers
import Sparkplug
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Forwarding

@Suite("An edge node at a real broker", .timeLimit(.minutes(1)))
struct SparkplugDestinationTests {
    /// A gateway with a journal, an edge node at a broker that may come and go, and a host there.
    private struct Rig: Sendable {
        let broker: Broker
        let time: ManualTime
        let journal: Journal
        let client: MQTTClient
        let destination: SparkplugDestination
        let forwarder: Forwarder
        let host: SparkplugHost
        let numbers: Notes<UInt8>
        let orders: Notes<SparkplugOrder>

        /// Two devices, the first of which has a point to be written.
        static let directory: Directory = {
            let devices = [(site: "north", name: "pump"), (site: "south", name: "valve")]
            let points = devices.indices.flatMap { device in
                (0..<4).compactMap { PointName(site: devices[device].site, device: devices[device].name, point: "p\($0)") }.map {
                    Point(
                        name: $0, device: DeviceID(index: device), type: .double, unit: "m", maximumAge: .seconds(3),
                        isWritable: device == 0 && $0.point == "p0")
                }
            }
            return Directory(points: points, devices: devices)
        }()

        /// Every value is another one, so that each sample can be told from all others.
        func append(_ range: Range<Int>) {
            for index in range {
                let number = Double(index)
                let readings: [Reading] = [
                    .good(.double(number)), .good(.double(number / 1000)), .bad(.sensorFault),
                    .uncertain(.double(-number), .clockUntrusted),
                ]
                append(readings, device: index % 2)
            }
        }

        func append(_ readings: [Reading], device: Int = 0) {
            let now = time.now()
            let points = Rig.directory.devices[device].points
            let samples = zip(points, readings).map { Sample(point: $0, time: now.wall, reading: $1) }
            journal.append(Batch(device: DeviceID(index: device), received: now, samples: samples))
            journal.endTurn()
        }

        /// All that the journal has, as the host writes it.
        var stored: Set<String> {
            let entries = (try? journal.read(after: 0, limit: 10_000)) ?? []
            return Set(
                entries.flatMap(\.named).map {
                    "\($0.point.site)-\($0.point.device)/\($0.point.point) \($0.time.milliseconds) \($0.reading.value?.number ?? -1)"
                })
        }

        /// Commits, and waits until the host has it all and the ledger says so.
        func settle() async throws {
            try await journal.flush()
            await until { await forwarder.status.pending == 0 && host.samples.isSuperset(of: stored) }
        }
    }

    private final class Notes<Note: Sendable>: Sendable {
        private let list = Mutex<[Note]>([])
        var all: [Note] { list.withLock { $0 } }
        func add(_ note: Note) { list.withLock { $0.append(note) } }
    }

    /// Runs all but the broker beside the body.
    private func withRig(
        kept: UInt8? = nil, doesTimeFlow: Bool = true, _ body: @Sendable @escaping (Rig) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            let broker = try Broker()
            defer { broker.remove() }
            let time = ManualTime()
            let journal = try Journal(folder: folder, directory: Rig.directory, time: time, logger: quiet)
            let (numbers, orders) = (Notes<UInt8>(), Notes<SparkplugOrder>())
            let client = sparkplugClient(broker.socket)
            var settings = SparkplugSettings(group: "county", node: "gateway", primaryHost: "host", commandAge: .seconds(30))
            settings.hostPause = .milliseconds(1)...(.milliseconds(20))
            let destination = SparkplugDestination(
                name: "county", client: client, settings: settings, directory: Rig.directory, time: time,
                surroundings: .init(kept: kept, keep: { numbers.add($0) }, ordered: { orders.add($0) }))
            let forwarder = Forwarder(destination: destination, journal: journal, time: time, logger: quiet)
            let host = SparkplugHost(broker.socket, time: time)
            let rig = Rig(
                broker: broker, time: time, journal: journal, client: client, destination: destination, forwarder: forwarder, host: host,
                numbers: numbers, orders: orders)
            client.start()
            do {
                try await withTimeFlowing(doesTimeFlow ? time : ManualTime()) {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { await destination.run() }
                        defer { group.cancelAll() }
                        try await forwarding(forwarder) { try await body(rig) }
                    }
                }
            } catch {
                await client.stop()
                await host.client.stop()
                throw error
            }
            await client.stop()
            await host.client.stop()
            #expect(host.complaints == [])
        }
    }

    private func expectAllHeard(_ rig: Rig) {
        #expect(rig.host.samples.symmetricDifference(rig.stored).sorted().first == nil)
    }

    @Test("every sample arrives though the broker is killed and comes back: births first, numbers without a hole, the past as such")
    func killAndReturn() async throws {
        try await withRig { rig in
            rig.append(0..<50)
            await rig.time.advance(by: .seconds(60), sleepers: 0)
            for round in 1...3 {
                try await rig.broker.serve {
                    await until { rig.destination.isReady == true }
                    try await rig.journal.flush()
                    let past = rig.stored
                    rig.append(round * 100..<round * 100 + 50)
                    try await rig.settle()
                    expectAllHeard(rig)
                    // What came while nobody could hear it is the past; what came since is not.
                    #expect(rig.host.historical.subtracting(past).sorted().first == nil)
                    if round == 1 { #expect(past.subtracting(rig.host.historical).sorted().first == nil) }
                    // On their way when the broker dies.
                    rig.append(round * 100 + 50..<round * 100 + 70)
                }
                rig.append(round * 100 + 70..<round * 100 + 80)
                await until { rig.destination.isReady == false }
            }
            try await rig.broker.serve {
                try await rig.settle()
                expectAllHeard(rig)
            }
            #expect(rig.host.numbers("NBIRTH") == [0, 1, 2, 3])
            #expect(try await standing(rig.journal, "county") == Account(acknowledged: 1160, pending: 0, dropped: 0))
        }
    }

    @Test("a connection that breaks is followed by the death it was made with, and a goodbye by one of its own")
    func deaths() async throws {
        try await withRig(kept: 255) { rig in
            try await rig.broker.serve {
                await until { rig.destination.isReady == true }
                rig.append(0..<10)
                try await rig.settle()
                rig.client.hangUp(isGoodbye: false)
                await until { rig.host.numbers("NBIRTH").count == 2 && !rig.host.numbers("NDEATH").isEmpty }
                #expect(rig.host.numbers("NDEATH") == [255])
                await rig.destination.close()
                await until { rig.host.words.last == "NDEATH" }
                await until { !rig.client.isConnected }
                #expect(rig.destination.isReady == false)
            }
            #expect(rig.host.numbers("NBIRTH") == [255, 0])
            #expect(rig.host.numbers("NDEATH") == [255, 0])
            // A number of its own for each connection, kept before it was dialled.
            #expect(rig.numbers.all == [0, 1])
        }
    }

    @Test("a goodbye in the middle of data is heard once, and not followed by the will", arguments: 1...15)
    func goodbye(round: Int) async throws {
        // A goodbye has its time, which is the broker's own here.
        try await withRig(doesTimeFlow: false) { rig in
            try await rig.broker.serve {
                await until { rig.destination.isReady == true }
                for index in 0..<round { rig.append(index * 20..<index * 20 + 20) }
                await rig.destination.close()
                await rig.client.stop()
                // The broker looks at all connections in turn: by the second answer it has seen the end of that one.
                for _ in 1...2 { try await rig.host.client.publish(topic: "turn", payload: [], qos: 1) }
                #expect(rig.host.words.count { $0 == "NDEATH" } == 1)
            }
        }
    }

    @Test("a host that asks gets all births once more, and no data is lost over them")
    func rebirth() async throws {
        try await withRig { rig in
            try await rig.broker.serve {
                await until { rig.destination.isReady == true }
                for round in 1...4 {
                    rig.append(round * 50..<round * 50 + 20)
                    rig.host.askForBirths(at: rig.time.now())
                    rig.append(round * 50 + 20..<round * 50 + 40)
                    await until { rig.host.words.count { $0 == "NBIRTH" } == round + 1 }
                }
                try await rig.settle()
            }
            #expect(Set(rig.host.numbers("NBIRTH")) == [0])
            for (index, words) in rig.host.words.enumerated() where words == "NBIRTH" {
                #expect(rig.host.words[index...].prefix(3) == ["NBIRTH", "DBIRTH north-pump", "DBIRTH south-valve"])
            }
            #expect(try await standing(rig.journal, "county") == Account(acknowledged: 640, pending: 0, dropped: 0))
        }
    }

    @Test("without its primary host the node is dead and holds its data, and delivers it as the past when the host is back")
    func primaryHost() async throws {
        try await withRig { rig in
            try await rig.broker.serve {
                await until { rig.destination.isReady == true }
                rig.append(0..<10)
                try await rig.settle()
                rig.host.say(isOnline: false, at: rig.time.now())
                await until { rig.host.words.contains("NDEATH") }
                #expect(rig.destination.isReady == false)
                let before = rig.host.samples
                rig.append(10..<30)
                try await rig.journal.flush()
                await until { await rig.forwarder.status.failedAttempts > 0 }
                #expect(try await standing(rig.journal, "county") == Account(acknowledged: 40, pending: 80, dropped: 0))
                #expect(rig.host.samples == before)
                await rig.time.advance(by: .seconds(60), sleepers: 0)
                rig.host.say(isOnline: true, at: rig.time.now())
                try await rig.settle()
                #expect(rig.host.historical == rig.stored.subtracting(before))
                let births = rig.host.heard.filter { $0.words == "DBIRTH south-valve" }
                // Although it was not there to be told, it was heard: births are current.
                #expect(births.last?.payload.metrics.first { $0.name == "p0" }?.content == .value(.double(29)))
            }
            #expect(try await standing(rig.journal, "county") == Account(acknowledged: 120, pending: 0, dropped: 0))
        }
    }

    @Test("a device that stops to answer dies, and is born again with its first answer")
    func device() async throws {
        try await withRig { rig in
            try await rig.broker.serve {
                await until { rig.destination.isReady == true }
                rig.append([.good(.double(1)), .good(.double(2))])
                rig.append([.bad(.commFailure), .good(.double(3))])
                rig.append([.bad(.commFailure), .bad(.commFailure)])
                rig.append([.good(.double(4)), .good(.double(5))], device: 1)
                rig.append([.good(.double(6)), .bad(.commFailure)])
                try await rig.settle()
            }
            let news = rig.host.words.drop { $0 != "DDATA north-pump" }
            let expected = [
                "DDATA north-pump", "DDATA north-pump", "DDATA north-pump", "DDEATH north-pump", "DDATA south-valve",
                "DBIRTH north-pump", "DDATA north-pump",
            ]
            #expect(Array(news) == expected)
            #expect(rig.host.historical == [])
        }
    }

    @Test("a command reaches its point with its value and its time; one that nothing comes of, with the reason")
    func commands() async throws {
        try await withRig { rig in
            try await rig.broker.serve {
                await until { rig.destination.isReady == true }
                let now = rig.time.now()
                rig.host.command(Metric(name: "p0", content: .value(.double(2.5))), to: "north-pump", at: now)
                rig.host.command(Metric(name: "p1", content: .value(.double(2.5))), to: "north-pump", at: now)
                rig.host.command(Metric(name: "p0", content: .value(.string("on"))), to: "north-pump", at: now)
                rig.host.command(Metric(name: "p0", content: .value(.double(1))), to: "south-valve", at: now)
                rig.host.command(Metric(name: "Node Control/Reboot", content: .value(.bool(true))), at: now)
                await until { rig.orders.all.count == 4 }
                #expect(
                    rig.orders.all.map(\.content) == [
                        .set(.double(2.5), sent: now.wall), .refused("the point cannot be written"), .refused("its value is no double"),
                        .refused("no birth has named such a metric"),
                    ])
                #expect(rig.orders.all.map(\.point) == ["north/pump/p0", "north/pump/p1", "north/pump/p0", "Node Control/Reboot"])
            }
        }
    }

    @Test("an entry of a point that is no more is given up by name, and the rest of its batch arrives")
    func unknownPoint() async throws {
        try await withRig { rig in
            let gone = entry(1, [("p9", 1, .good(.double(1)))])
            try await rig.broker.serve {
                await until { rig.destination.isReady == true }
                #expect(!rig.destination.offer(gone) { _ in Issue.record("it was not taken") })
                await #expect(throws: DestinationError.self) { try await rig.destination.send([gone], isLate: false) }
                try await rig.destination.send([entry(2, [("p0", 2, .good(.double(7)))])], isLate: true)
                await until { rig.host.samples == ["north-pump/p0 2 7.0"] }
            }
            await until { rig.destination.isReady == false }
            await #expect(throws: DestinationError.unavailable("the broker is not connected")) {
                try await rig.destination.send([entry(3, [("p0", 3, .good(.double(8)))])], isLate: false)
            }
        }
    }
}

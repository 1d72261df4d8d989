import FoundationEssentials
import Historian
import RealServers
import Telemetry
import TestSupport
import Testing

@testable import Forwarding

@Suite("Forwarding to a real InfluxDB", .timeLimit(.minutes(2)))
struct InfluxDBTests {
    private struct Answer: Decodable {
        struct Result: Decodable { let series: [Series]?, error: String? }
        struct Series: Decodable { let tags: [String: String]?, columns: [String], values: [[Cell]] }
        /// A number, a text or nothing; a number is kept as it came.
        enum Cell: Decodable, Hashable {
            case number(Double), text(String), none

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let number = try? container.decode(Double.self) {
                    self = .number(number)
                } else if let text = try? container.decode(String.self) {
                    self = .text(text)
                } else {
                    self = .none
                }
            }
        }

        let results: [Result]
    }

    /// Asks the database, as its administrator.
    @discardableResult
    private func ask(_ question: String, at url: String) async throws -> [Answer.Series] {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        let encoded = question.utf8.map { plain.contains($0) ? String(UnicodeScalar($0)) : "%" + String($0, radix: 16) }.joined()
        let said = try await post("\(url)/query?db=county&epoch=ms&u=root&p=root&q=\(encoded)")
        let answer = try JSONDecoder().decode(Answer.self, from: Data(said.utf8))
        #expect(answer.results.allSatisfy { $0.error == nil }, "\(said)")
        return answer.results.flatMap { $0.series ?? [] }
    }

    private func destination(_ url: String, credentials: InfluxEndpoint.Credentials? = nil) -> InfluxDestination {
        InfluxDestination(
            name: "county", endpoint: InfluxEndpoint(url: url, place: .database("county"), credentials: credentials))
    }

    /// One for whom a real server is never too slow, though time flies.
    private func forwarder(_ destination: InfluxDestination, _ journal: Journal, _ time: ManualTime) -> Forwarder {
        var options = Forwarder.Options()
        options.patience = .seconds(1_000_000)
        return Forwarder(destination: destination, journal: journal, time: time, options: options, logger: quiet)
    }

    /// What it holds, as `site device point time field value`.
    private func held(at url: String) async throws -> Set<String> {
        var rows: Set<String> = []
        for series in try await ask("SELECT value, text, quality FROM headgate GROUP BY site, device, point", at: url) {
            let point = ["site", "device", "point"].map { series.tags?[$0] ?? "?" }.joined(separator: " ")
            for row in series.values {
                guard case .number(let time) = row[0] else { continue }
                for (column, cell) in zip(series.columns, row).dropFirst() {
                    switch cell {
                    case .number(let number): rows.insert("\(point) \(Int64(time)) \(column) \(number)")
                    case .text(let text): rows.insert("\(point) \(Int64(time)) \(column) \(text)")
                    case .none: break
                    }
                }
            }
        }
        return rows
    }

    private func expected(_ entries: [Entry]) -> Set<String> {
        var rows: Set<String> = []
        for sample in entries.flatMap(\.named) {
            let head = "\(sample.point.site) \(sample.point.device) \(sample.point.point) \(sample.time.milliseconds)"
            rows.insert("\(head) quality \(Double(LineProtocol.number(of: sample.reading.quality)))")
            switch sample.reading.value {
            case .string(let text): rows.insert("\(head) text \(text)")
            case let value?: rows.insert("\(head) value \(value.number ?? .nan)")
            case nil: break
            }
        }
        return rows
    }

    /// A journal with these batches of the pump's first points, a second apart, all committed.
    private func journal(in folder: String, _ time: ManualTime, _ batches: [[Reading]]) async throws -> Journal {
        let journal = try openJournal(in: folder, time)
        for (index, readings) in batches.enumerated() {
            journal.append(batch(readings, device: index % 2, at: time.now().advanced(by: .seconds(index))))
        }
        try await journal.flush()
        return journal
    }

    private func events(_ journal: Journal) async throws -> [String] {
        try await journal.flush()
        return try journal.latestEvents(limit: 1000).map(\.event).filter { $0.origin == "forwarding" }.map(\.text)
    }

    @Test("every kind of value comes back as it went, also sent twice, over gzip and in pieces")
    func roundTrip() async throws {
        let texts = [
            "泵站 一号", "a \"quoted\" word", "back\\slash", "equals=, comma", "tail\\", "😀 ñ ж", "", " ",
            String(repeating: "长", count: 5000),
        ]
        let numbers: [Value] = [
            .double(-0.1), .double(.leastNonzeroMagnitude), .double(.greatestFiniteMagnitude), .int(.min), .int(-1), .uint(.max),
            .bool(true), .bool(false),
        ]
        var batches: [[Reading]] = (0..<300).map { [.good(.double(Double($0) / 7)), .bad(.commFailure)] }
        batches += texts.map { [.good(.int(0)), .bad(.outOfRange), .good(.string($0))] }
        batches += numbers.map { [.good($0), .uncertain($0, .clockUntrusted)] }
        let all = batches
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try await journal(in: folder, time, all)
            let entries = try journal.read(after: 0, limit: 1000)
            let database = InfluxDB(folder: folder + "/influx")
            try await database.serve { url in
                try await ask("CREATE DATABASE county", at: url)
                let destination = destination(url)
                await forwarder(destination, journal, time).drain(until: time.now().monotonic + .seconds(60))
                #expect(try await standing(journal, "county")?.pending == 0)
                #expect(try await standing(journal, "county")?.dropped == 0)
                try await destination.send(entries, isLate: true)
                await destination.close()
                #expect(try await held(at: url) == expected(entries))
            }
        }
    }

    @Test("a record it cannot read is named with its point, time and reason, counted, and kept; all else arrives")
    func quarantine() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try openJournal(in: folder, time)
            let point = directory.devices[0].points[1]
            for index in 0..<50 {
                let now = time.now().advanced(by: .seconds(index))
                var samples = [Sample(point: directory.devices[0].points[0], time: now.wall, reading: .good(.int(1)))]
                // A meter whose clock has run away: InfluxDB keeps times of 1677 to 2262.
                if index == 20 {
                    samples.append(
                        Sample(point: point, time: Timestamp(milliseconds: 99_999_999_999_999), reading: .good(.int(7))))
                }
                journal.append(Batch(device: DeviceID(index: 0), received: now, samples: samples))
            }
            try await journal.flush()
            try await InfluxDB(folder: folder + "/influx").serve { url in
                try await ask("CREATE DATABASE county", at: url)
                let destination = destination(url)
                await forwarder(destination, journal, time).drain(until: time.now().monotonic + .seconds(60))
                await destination.close()
                #expect(try await standing(journal, "county") == Account(acknowledged: 50, pending: 0, dropped: 1))
                let told = try await events(journal)
                #expect(told.count == 1)
                #expect(
                    told.first?.hasPrefix(
                        "north/pump/p1 of 5138-11-16T09:46:39.999Z (entry 21) will not be sent: unable to parse") == true)
                #expect(try await held(at: url).count == 100)
                #expect(try journal.read(after: 20, limit: 1).first?.samples.count == 2)
            }
        }
    }

    @Test("texts whose field has another type there are found one by one; the numbers arrive")
    func conflictOfSome() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let batches = (0..<40).map {
                [Reading.good(.int(Int64($0))), .good(.double(1)), $0 % 8 == 3 ? .good(.string("x")) : .bad(.commFailure)]
            }
            let journal = try await journal(in: folder, time, batches)
            try await InfluxDB(folder: folder + "/influx").serve { url in
                try await ask("CREATE DATABASE county", at: url)
                // Types hold for a shard, a week: the strange one must lie in the same.
                _ = try await post(
                    "\(url)/write?db=county&precision=ms", "headgate,site=strange text=1 \(time.now().wall.milliseconds)")
                let destination = destination(url)
                await forwarder(destination, journal, time).drain(until: time.now().monotonic + .seconds(60))
                await destination.close()
                #expect(try await standing(journal, "county") == Account(acknowledged: 115, pending: 0, dropped: 5))
                let told = try await events(journal)
                #expect(told.count == 1 || told.count == 2)
                #expect(told.allSatisfy { $0.contains("p2") && $0.contains("field type conflict") })
                let held = try await held(at: url).filter { !$0.contains("strange") }
                #expect(held == expected(try journal.read(after: 0, limit: 100)).filter { !isOfText($0, batches) })
            }
        }
    }

    /// Whether a row is of one of the texts.
    private func isOfText(_ row: String, _ batches: [[Reading]]) -> Bool {
        let words = row.split(separator: " ")
        guard words[2] == "p2", let time = Int64(words[3]) else { return false }
        let index = Int((time - ManualTime().now().wall.milliseconds) / 1000)
        if case .good = batches[index][2] { return true }
        return false
    }

    @Test(
        "where nearly all have another type, it is the database that is at fault: nothing is given up, and once it is mended all arrives"
    )
    func conflictOfMost() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try await journal(
                in: folder, time, (0..<20).map { [.good(.int(Int64($0))), .good(.double(1)), .bad(.commFailure)] })
            try await InfluxDB(folder: folder + "/influx").serve { url in
                try await ask("CREATE DATABASE county", at: url)
                _ = try await post(
                    "\(url)/write?db=county&precision=ms", "headgate,site=strange value=\"x\" \(time.now().wall.milliseconds)")
                let destination = destination(url)
                let forwarder = forwarder(destination, journal, time)
                try await withTimeFlowing(time) {
                    try await forwarding(forwarder) {
                        await until { await forwarder.status.failedAttempts >= 2 }
                        #expect(await forwarder.status.reason?.contains("field type conflict") == true)
                        #expect(await forwarder.status.dropped == 0)
                    }
                    // Not while something is written: InfluxDB 1.x may keep the types of what it is dropping then.
                    try await ask("DROP MEASUREMENT headgate", at: url)
                    try await forwarding(forwarder) { await until { await forwarder.status.pending == 0 } }
                }
                await destination.close()
                #expect(try await standing(journal, "county")?.dropped == 0)
                #expect(try await held(at: url) == expected(try journal.read(after: 0, limit: 100)))
            }
        }
    }

    @Test("credentials and the database's name are judged by the server; what is wrong is said by its setting, and costs nothing")
    func settings() async throws {
        try await withFolder { folder in
            let time = ManualTime()
            let journal = try await journal(in: folder, time, [[.good(.int(1))]])
            try await InfluxDB(folder: folder + "/influx", isGuarded: true).serve { url in
                try await ask("CREATE USER root WITH PASSWORD 'root' WITH ALL PRIVILEGES", at: url)
                try await ask("CREATE USER reader WITH PASSWORD 'right'", at: url)
                func reason(_ credentials: InfluxEndpoint.Credentials?) async throws -> String? {
                    let destination = destination(url, credentials: credentials)
                    let forwarder = forwarder(destination, journal, time)
                    let reason = try await forwarding(forwarder) {
                        await until {
                            let status = await forwarder.status
                            return status.reason != nil || status.pending == 0
                        }
                        return await forwarder.status.reason
                    }
                    await destination.close()
                    return reason
                }
                #expect(try await reason(nil)?.contains("look at 'user' and 'password-file'") == true)
                let wrong = try await reason(.basic(user: "root", password: "guess"))
                #expect(wrong?.contains("authorization failed") == true && wrong?.contains("guess") == false)
                #expect(try await reason(.basic(user: "root", password: "root"))?.contains("database not found") == true)
                try await ask("CREATE DATABASE county", at: url)
                #expect(try await reason(.basic(user: "reader", password: "right"))?.contains("HTTP 403") == true)
                #expect(try await standing(journal, "county").map(\.acknowledged) ?? 0 == 0)
                #expect(try await reason(.basic(user: "root", password: "root")) == nil)
                #expect(try await standing(journal, "county") == Account(acknowledged: 1, pending: 0, dropped: 0))
            }
        }
    }
}

/// The fixtures' `journal`, by a name that the suite does not hide.
private func openJournal(in folder: String, _ time: ManualTime) throws -> Journal { try journal(in: folder, time: time) }

import GRDB
import Telemetry

/// What the ids of a file stand for.
struct Names: Sendable {
    /// By the point's id, which SQLite counts from one. An id beyond any honest file's is not here.
    let labels: Labels
    private static let mostLabels: Int64 = 1 << 22
    private(set) var devices: [Int64: (site: String, name: String)] = [:]

    /// Reads them all; a gateway has thousands, a hundred thousand at most. Rows with a name that is none are left out.
    ///
    /// - Parameters:
    ///   - ids: of today's points.
    ///   - known: their labels, which are shared: there is no need of a second one that says the same.
    init(_ db: Database, ids: [Int64] = [], known: Labels = Labels([])) throws {
        let last = try Int64.fetchOne(db, sql: "SELECT max(id) FROM point") ?? 0
        var labels = [PointLabel?](repeating: nil, count: Int(min(max(last, 0), Self.mostLabels)) + 1)
        for (index, id) in ids.enumerated() where labels.indices.contains(Int(id)) { labels[Int(id)] = known[PointID(index: index)] }
        let rows = try Row.fetchCursor(db, sql: "SELECT id, name, unit FROM point")
        while let row = try rows.next() {
            guard let index = Int(exactly: try row.decode(Int64.self, atIndex: 0)), labels.indices.contains(index),
                labels[index] == nil, let name = PointName(try row.decode(String.self, atIndex: 1))
            else { continue }
            labels[index] = PointLabel(name: name, unit: try row.decode(String.self, atIndex: 2))
        }
        self.labels = Labels(labels)
        let devices = try Row.fetchCursor(db, sql: "SELECT id, name FROM device")
        while let row = try devices.next() {
            let words = try row.decode(String.self, atIndex: 1).split(separator: "/", maxSplits: 1).map(String.init)
            guard words.count == 2 else { continue }
            self.devices[try row.decode(Int64.self, atIndex: 0)] = (words[0], words[1])
        }
    }

    /// A stored point's place in `labels`; nil for an id that is none.
    func point(_ id: Int64) -> PointID? {
        guard let index = Int(exactly: id), labels.knows(index) else { return nil }
        return PointID(index: index)
    }

    /// The ids a point has had: one for each unit and type it was configured with.
    static func ids(of name: PointName, in db: Database) throws -> Set<Int64> {
        try Int64.fetchSet(db.cachedStatement(sql: "SELECT id FROM point WHERE name = ?"), arguments: [name.description])
    }

    /// All points of the file, by name; those with a name that is none are left out.
    static func points(in db: Database) throws -> [StoredPoint] {
        var points: [StoredPoint] = []
        let rows = try Row.fetchCursor(db, sql: "SELECT name, type, unit FROM point")
        while let row = try rows.next() {
            guard let name = PointName(try row.decode(String.self, atIndex: 0)),
                let type = ValueType(rawValue: try row.decode(String.self, atIndex: 1))
            else { continue }
            points.append(StoredPoint(name: name, type: type, unit: try row.decode(String.self, atIndex: 2)))
        }
        return points.sorted { $0.name < $1.name }
    }

    func device(site: String, name: String) -> Int64? { devices.first { $0.value == (site, name) }?.key }

    /// The ids of today's devices, by the index of `DeviceID`; new ones get theirs now.
    static func register(devices: [Directory.Device], in db: Database) throws -> [Int64] {
        let find = try db.makeStatement(sql: "SELECT id FROM device WHERE name = ?")
        let add = try db.makeStatement(sql: "INSERT INTO device (name) VALUES (?)")
        return try devices.map { device in
            let name = "\(device.site)/\(device.name)"
            if let id = try Int64.fetchOne(find, arguments: [name]) { return id }
            try add.execute(arguments: [name])
            return db.lastInsertedRowID
        }
    }

    /// The ids of today's points, by the index of `PointID`; new ones get theirs now.
    static func register(points: [Point], in db: Database) throws -> [Int64] {
        let find = try db.makeStatement(sql: "SELECT id FROM point WHERE name = ? AND type = ? AND unit = ?")
        let add = try db.makeStatement(sql: "INSERT INTO point (name, type, unit) VALUES (?, ?, ?)")
        return try points.map { point in
            let description: StatementArguments = [point.name.description, point.type.rawValue, point.unit]
            if let id = try Int64.fetchOne(find, arguments: description) { return id }
            try add.execute(arguments: description)
            return db.lastInsertedRowID
        }
    }
}

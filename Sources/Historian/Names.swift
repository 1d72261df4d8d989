import GRDB
import Telemetry

/// What the ids of a file stand for.
struct Names: Sendable {
    private(set) var points: [Int64: StoredPoint] = [:]
    /// By the point's id, which SQLite counts from one. An id beyond any honest file's is not here.
    private var labels: [PointLabel?] = []
    private static let mostLabels = 1 << 22
    private(set) var devices: [Int64: (site: String, name: String)] = [:]

    /// Reads them all; a gateway has thousands at most. Rows with a name that is none are left out.
    init(_ db: Database) throws {
        let points = try Row.fetchCursor(db, sql: "SELECT id, name, type, unit FROM point")
        while let row = try points.next() {
            let id = try row.decode(Int64.self, atIndex: 0)
            guard let name = PointName(try row.decode(String.self, atIndex: 1)),
                let type = ValueType(rawValue: try row.decode(String.self, atIndex: 2))
            else { continue }
            let point = StoredPoint(name: name, type: type, unit: try row.decode(String.self, atIndex: 3))
            self.points[id] = point
            guard let index = Int(exactly: id), (0..<Self.mostLabels).contains(index) else { continue }
            while labels.count <= index { labels.append(nil) }
            labels[index] = PointLabel(name: point.name, unit: point.unit)
        }
        let devices = try Row.fetchCursor(db, sql: "SELECT id, name FROM device")
        while let row = try devices.next() {
            let words = try row.decode(String.self, atIndex: 1).split(separator: "/", maxSplits: 1).map(String.init)
            guard words.count == 2 else { continue }
            self.devices[try row.decode(Int64.self, atIndex: 0)] = (words[0], words[1])
        }
    }

    func label(of id: Int64) -> PointLabel? {
        guard let index = Int(exactly: id), labels.indices.contains(index) else { return nil }
        return labels[index]
    }

    /// The ids a point has had: one for each unit and type it was configured with.
    func ids(of name: PointName) -> Set<Int64> { Set(points.filter { $0.value.name == name }.keys) }

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

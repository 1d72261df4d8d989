/// A point's full name, `site/device/point`: three words of lower-case letters, digits, `-` and `_`.
package struct PointName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let site: String
    package let device: String
    package let point: String

    package init?(site: String, device: String, point: String) {
        guard Self.isWord(site), Self.isWord(device), Self.isWord(point) else { return nil }
        self.site = site
        self.device = device
        self.point = point
    }

    package init?(_ text: String) {
        let words = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 3 else { return nil }
        self.init(site: words[0], device: words[1], point: words[2])
    }

    package var description: String { "\(site)/\(device)/\(point)" }

    package static func < (a: PointName, b: PointName) -> Bool {
        (a.site, a.device, a.point) < (b.site, b.device, b.point)
    }

    /// Words are what topics, file names, labels and URLs all take as they are.
    package static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
    }
}

/// A point's place in the `Directory` of this run. Cheap to copy, hash and index with; never stored.
package struct PointID: Hashable, Comparable, Sendable {
    package let index: Int

    package init(index: Int) { self.index = index }

    package static func < (a: PointID, b: PointID) -> Bool { a.index < b.index }
}

/// A device's place in the `Directory` of this run.
package struct DeviceID: Hashable, Comparable, Sendable {
    package let index: Int

    package init(index: Int) { self.index = index }

    package static func < (a: DeviceID, b: DeviceID) -> Bool { a.index < b.index }
}

/// One measured or commanded quantity, as the configuration describes it.
package struct Point: Sendable {
    package let name: PointName
    package let device: DeviceID
    package let type: ValueType
    /// UCUM: `m`, `kPa`, `m3/h`; empty where there is none.
    package let unit: String
    /// In the point's unit. A number outside it is a bad reading.
    package let range: ClosedRange<Double>?
    /// A reading older than this is stale: three times its period unless told otherwise.
    package let maximumAge: Duration
    package let isWritable: Bool
    /// Whether a rule makes it of other points, rather than a device.
    package let isDerived: Bool

    package init(
        name: PointName, device: DeviceID, type: ValueType, unit: String = "", range: ClosedRange<Double>? = nil,
        maximumAge: Duration, isWritable: Bool = false, isDerived: Bool = false
    ) {
        self.name = name
        self.device = device
        self.type = type
        self.unit = unit
        self.range = range
        self.maximumAge = maximumAge
        self.isWritable = isWritable
        self.isDerived = isDerived
    }
}

/// Everything the configuration names, numbered once at start. Immutable, so anyone may hold it.
package final class Directory: Sendable {
    package struct Device: Sendable {
        package let site: String
        package let name: String
        /// The device's points, in the order of its profile.
        package let points: [PointID]
    }

    package let points: [Point]
    package let devices: [Device]
    private let index: NameIndex

    /// - Precondition: names are unique and every point's device is within `devices`; configuration has checked it.
    package init(points: [Point], devices: [(site: String, name: String)]) {
        var members = [[PointID]](repeating: [], count: devices.count)
        for (index, point) in points.enumerated() {
            precondition(members.indices.contains(point.device.index), "a point of a device that is not in the directory")
            members[point.device.index].append(PointID(index: index))
        }
        self.points = points
        self.devices = zip(devices, members).map { Device(site: $0.site, name: $0.name, points: $1) }
        index = NameIndex(of: points)
    }

    package subscript(id: PointID) -> Point { points[id.index] }
    package subscript(id: DeviceID) -> Device { devices[id.index] }

    package func id(of name: PointName) -> PointID? { index.place(of: name, among: points).map(PointID.init) }
    package func id(of name: String) -> PointID? { PointName(name).flatMap { id(of: $0) } }
}

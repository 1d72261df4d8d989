import Acquisition
import Control
import Documents
import Modbus
import Profiles
import Telemetry

/// Puts sites, profiles and links together, and notes what does not fit.
struct Assembly {
    private let site: SiteFile
    private let profiles: [String: Profile]
    private let mistakes: Mistakes
    private(set) var points: [Point] = []
    private(set) var devices: [(site: String, name: String)] = []
    /// By device: its profile and the place of its first point among `points`.
    private var members: [(device: SiteFile.Device, name: String, profile: Profile, first: Int)] = []

    init(site: SiteFile, profiles: [String: Profile], mistakes: Mistakes) {
        self.site = site
        self.profiles = profiles
        self.mistakes = mistakes
        for entry in site.sites {
            var names: Set<String> = []
            for device in entry.devices {
                if !names.insert(device.name).inserted {
                    mistakes.add("'\(device.name)' is already a device of site '\(entry.name)'", at: device.place)
                    continue
                }
                add(device, of: entry)
            }
        }
    }

    private mutating func add(_ device: SiteFile.Device, of entry: SiteFile.Site) {
        let link = site.links.first { $0.name == device.link }
        if link == nil, !site.linkNames.contains(device.link) {
            let message = "there is no link '\(device.link)'" + suggestion(for: device.link, among: site.linkNames)
            mistakes.add(message, at: device.linkPlace)
        }
        guard let profile = profiles[device.profile] else {
            // A profile that is there but wrong has had its own mistakes told.
            guard !mistakes.all.contains(where: { $0.place.file.hasSuffix("/\(device.profile).yaml") }) else { return }
            let message = "there is no profile '\(device.profile)'" + suggestion(for: device.profile, among: profiles.keys)
            mistakes.add(message, at: device.profilePlace)
            return
        }
        if let link { check(device, profile, fits: link) }
        let id = DeviceID(index: devices.count)
        var made: [Point] = []
        for point in profile.points {
            // A name that is no word has been told where it stands.
            guard let name = PointName(site: entry.name, device: device.name, point: point.name) else { return }
            made.append(
                Point(
                    name: name, device: id, type: point.valueType, unit: point.unit, range: point.range,
                    maximumAge: point.maximumAge, isWritable: point.writable != nil))
        }
        members.append((device, "\(entry.name)/\(device.name)", profile, points.count))
        points += made
        devices.append((entry.name, device.name))
    }

    private func check(_ device: SiteFile.Device, _ profile: Profile, fits link: SiteFile.Link) {
        switch link.address {
        case .mqtt:
            if profile.isPolled {
                mistakes.add(
                    "profile '\(device.profile)' reads registers, but link '\(link.name)' is a broker", at: device.profilePlace)
            }
            if device.topic == nil { mistakes.add("device '\(device.name)' needs the 'topic' it speaks on", at: device.place) }
            if device.unit != nil { mistakes.add("a device behind a broker has no 'unit'", at: device.place) }
        case .tcp, .rtu, .rtuOverTCP, .rtuListen:
            if !profile.isPolled {
                mistakes.add(
                    "profile '\(device.profile)' reads messages, but link '\(link.name)' is Modbus", at: device.profilePlace)
            }
            if device.unit == nil { mistakes.add("device '\(device.name)' needs its 'unit' id", at: device.place) }
            if device.topic != nil { mistakes.add("a Modbus device has no 'topic'", at: device.place) }
            if link.address.isLine, let unit = device.unit, !(1...247).contains(unit) {
                mistakes.add("on a serial line unit ids are 1 to 247, not \(unit)", at: device.place)
            }
        }
    }

    var links: [LinkPlan] {
        site.links.compactMap { link in
            let medium: LinkPlan.Medium
            switch link.address {
            case .mqtt: return nil
            case .tcp(let host, let port): medium = .tcp(host: host, port: port)
            case .rtuOverTCP(let host, let port): medium = .rtuOverTCP(host: host, port: port)
            case .rtuListen(let host, let port, let caller): medium = .rtuListen(host: host, port: port, caller: caller)
            case .rtu(let path, let baud, let parity, let stop):
                medium = .serial(path: path, baud: baud, parity: parity, stopBits: stop)
            }
            let polled = members.enumerated().filter { $1.device.link == link.name }.map { polledDevice($0, $1) }
            guard !polled.isEmpty else { return nil }
            return LinkPlan(
                name: link.name, medium: medium, timeout: link.timeout, deadShare: link.deadShare, devices: polled)
        }
    }

    private func polledDevice(
        _ index: Int, _ member: (device: SiteFile.Device, name: String, profile: Profile, first: Int)
    ) -> PolledDevice {
        PolledDevice(
            id: DeviceID(index: index), name: member.name, unit: UnitID(UInt8(clamping: member.device.unit ?? 1)),
            requestsInFlight: member.profile.requestsInFlight, maximumRegisters: member.profile.maximumRegisters,
            maximumBits: member.profile.maximumBits, forbidden: member.profile.forbidden, pause: member.profile.pause,
            timeout: member.profile.timeout,
            points: member.profile.points.enumerated().compactMap { offset, point in
                point.register.map {
                    PolledPoint(
                        id: PointID(index: member.first + offset), source: $0, every: point.every, range: point.range,
                        limits: WriteLimits(point.writable))
                }
            })
    }

    var brokers: [BrokerPlan] {
        site.links.compactMap { link in
            guard case .mqtt(let host, let port) = link.address else { return nil }
            let fed = members.enumerated().filter { $1.device.link == link.name }.map { index, member in
                FedDevice(
                    id: DeviceID(index: index), name: member.name, topic: member.device.topic ?? "", profile: member.profile,
                    points: member.profile.points.indices.map { PointID(index: member.first + $0) })
            }
            guard !fed.isEmpty else { return nil }
            var plan = BrokerPlan(name: link.name, host: host, port: port, devices: fed)
            (plan.user, plan.password, plan.tls) = (link.access.user, link.access.password, link.access.tls)
            return plan
        }
    }

    func actuators(in directory: Directory) -> [ActuatorPlan] {
        members.flatMap { member in
            member.profile.points.enumerated().compactMap { offset, point in
                guard let writable = point.writable else { return nil }
                let feedback = writable.feedback.flatMap { wanted in
                    member.profile.points.firstIndex { $0.name == wanted }.map { PointID(index: member.first + $0) }
                }
                return ActuatorPlan(
                    point: PointID(index: member.first + offset), safe: writable.safe, feedback: feedback,
                    within: writable.within, range: point.range,
                    resolution: point.register.map { $0.isScaled ? abs($0.scale) : 0 } ?? 0)
            }
        }
    }
}

extension WriteLimits {
    fileprivate init(_ writable: Writable?) {
        self.init(
            minimum: writable?.minimum, maximum: writable?.maximum, step: writable?.step, every: writable?.every ?? .zero,
            perDay: writable?.perDay, safe: writable?.safe)
    }
}

extension LinkAddress {
    /// A serial line, here or behind a connection: unit ids are those of a line.
    fileprivate var isLine: Bool {
        switch self {
        case .rtu, .rtuOverTCP, .rtuListen: true
        case .tcp, .mqtt: false
        }
    }
}

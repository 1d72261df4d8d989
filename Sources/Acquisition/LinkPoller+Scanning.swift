import Modbus
import Telemetry

extension LinkPoller {
    /// A unit id of the link: one physical device, however many the configuration makes of it.
    struct Unit: Sendable {
        let id: UnitID
        var capacity: Int
        var pause: Duration
        var timeout: Duration
        var names: String
        var devices: [DeviceID]
        /// Its scan classes, as places among the poller's scans.
        var scans: [Int] = []
        /// The least that shows whether it is there.
        var probe: ReadBlock?
        var inFlight = 0
        /// When its pause is over.
        var readyAt = Monotonic.zero
        var reads = Lane<Work>()
        var writes = Lane<Work>()
        var health = UnitHealth()
        /// Whether it stands in the link's lane of those who have something to read, or write.
        var isReader = false
        var isWriter = false
        /// Whether something in the grid will rouse it, or look after it.
        var isHeld = false
        var isChecked = false
        var isProbeWaiting = false
    }

    mutating func add(_ device: PolledDevice) {
        let unit = unit(of: device)
        let limits = plan.limits(of: device)
        for (period, members) in device.classes {
            // Everything is read once soon. A slow class then has its place anywhere in its period.
            let (slot, step) = (Grid.slot.wholeMilliseconds, period.wholeMilliseconds)
            let room = max(min(step, 1000) / slot, 1)
            let used = min(room, places)
            let place = Int64.random(in: 0..<used, using: &random) * (room / used)
            let rest = step > 1000 ? Int64.random(in: 0..<max(step / 1000, 1), using: &random) * 1000 : 0
            let first = start + .milliseconds(place * slot)
            let scan = Scan(
                device, members: members, period: period, unit: unit, limits: limits, first: first,
                phase: first + .milliseconds(rest))
            guard !scan.plan.cells.isEmpty else { continue }
            if units[unit].probe == nil { units[unit].probe = scan.plan.block(of: 0..<1) }
            units[unit].scans.append(scans.count)
            grid.add(.scan(scans.count), at: first)
            scans.append(scan)
        }
    }

    private mutating func unit(of device: PolledDevice) -> Int {
        // Between two requests lies a pause, so there is one at a time.
        let capacity = device.pause > .zero ? 1 : max(device.requestsInFlight, 1)
        let timeout = device.timeout ?? plan.timeout
        if let known = units.firstIndex(where: { $0.id == device.unit }) {
            units[known].capacity = min(units[known].capacity, capacity)
            units[known].pause = max(units[known].pause, device.pause)
            units[known].timeout = max(units[known].timeout, timeout)
            units[known].names += ", " + device.name
            units[known].devices.append(device.id)
            return known
        }
        units.append(
            Unit(
                id: device.unit, capacity: capacity, pause: device.pause, timeout: timeout, names: device.name,
                devices: [device.id]))
        return units.count - 1
    }

    mutating func begin(scan: Int, at now: Moment, _ outputs: inout [Output]) {
        let unit = scans[scan].unit
        guard !losesScan(), units[unit].health.state != .down else {
            if let batch = scans[scan].fail(at: now) { outputs.append(.batch(batch)) }
            return
        }
        let pieces = scans[scan].begin(at: now.monotonic)
        for piece in pieces { units[unit].reads.append(.read(scan: scan, piece: piece)) }
        if pieces.isEmpty { finish(scan, at: now, &outputs) }
        rouse(unit)
    }

    /// Its slow classes need not wait for their next tick, now that the unit is back.
    mutating func catchUp(_ unit: Int, at now: Moment, _ outputs: inout [Output]) {
        for scan in units[unit].scans
        where scans[scan].hasFailed && !scans[scan].isUnderWay && scans[scan].due - now.monotonic > .seconds(1) {
            begin(scan: scan, at: now, &outputs)
        }
    }

    mutating func concludeRead(
        _ scan: Int, _ piece: Int, _ result: Result<Response, ModbusError>, at now: Moment, _ outputs: inout [Output]
    ) {
        let more = scans[scan].take(result, of: piece, at: now, &random)
        for piece in more { units[scans[scan].unit].reads.append(.read(scan: scan, piece: piece)) }
        if scans[scan].isComplete { finish(scan, at: now, &outputs) }
    }

    private mutating func finish(_ scan: Int, at now: Moment, _ outputs: inout [Output]) {
        if let batch = scans[scan].finish(at: now) { outputs.append(.batch(batch)) }
        for sentence in scans[scan].news() { outputs.append(event(scans[scan].name, sentence, now)) }
    }
}

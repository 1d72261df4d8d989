import Modbus
import Profiles
package import Telemetry

/// Names one write from its order to its result.
package struct WriteID: Hashable, Sendable {
    package let number: UInt64

    package init(number: UInt64) { self.number = number }
}

/// What became of a write.
package enum WriteResult: Sendable, Hashable {
    /// The device accepted it, and this is what it then held.
    case echoed(Value)
    /// The device accepted it, but would not say what it holds.
    case unverified
    /// The device, the protocol, or the point's own limits, said no.
    case refused(String)
    /// Nobody knows whether the device heard.
    case failed(String)
}

/// A write under way: what to send, then what to read back.
struct Writing: Sendable {
    let device: DeviceID
    let point: PolledPoint
    let ordered: Monotonic
    let request: Request
    /// nil where the point may not be read.
    let readBack: Request?
}

extension LinkPoller {
    /// More would be commands that nobody remembers having given by the time they leave.
    private static let mostWaiting = 64

    /// Whether this link leads to the point.
    package func serves(_ point: PointID) -> Bool { target(of: point) != nil }

    /// Orders a write: it leaves before any waiting read, and is read back at once.
    package mutating func write(_ value: Value, to point: PointID, id: WriteID, at now: Moment) -> [Output] {
        clock = now.monotonic
        guard let (device, polled) = target(of: point), let unit = units.firstIndex(where: { $0.id == device.unit }) else {
            return [.wrote(id, .refused("the point is not on this link"))]
        }
        if case .down(_, let reason) = state { return [.wrote(id, .failed("link \(name) is down: \(reason)"))] }
        guard units[unit].writes.count < Self.mostWaiting else {
            return [.wrote(id, .refused("\(Self.mostWaiting) writes to unit \(device.unit) wait already"))]
        }
        if let why = polled.limits.refusal(of: value) { return [.wrote(id, .refused(why))] }
        let request: Request
        do {
            request = try polled.source.request(writing: value)
        } catch {
            return [.wrote(id, .refused("\(error)"))]
        }
        if let why = wear.spend(on: polled, value, at: now) { return [.wrote(id, .refused(why))] }
        let source = polled.source
        let isReadable = !plan.limits(of: device).forbids(source.addresses, of: source.table)
        writings[id] = Writing(
            device: device.id, point: polled, ordered: now.monotonic, request: request,
            readBack: isReadable
                ? .read(source.table, address: source.address, count: UInt16(clamping: source.registerCount)) : nil)
        units[unit].writes.append(.write(id))
        rouse(unit)
        return []
    }

    private func target(of point: PointID) -> (device: PolledDevice, point: PolledPoint)? {
        for (index, device) in plan.devices.enumerated() where spans[index].contains(point.index) {
            if let found = device.points.first(where: { $0.id == point }) { return (device, found) }
        }
        return nil
    }

    /// It wore nothing out.
    mutating func neverSent(_ id: WriteID) {
        if let writing = writings[id] { wear.giveBack(writing.point.id, of: writing.ordered) }
    }

    mutating func concludeWrite(
        _ id: WriteID, _ result: Result<Response, ModbusError>, unit: Int, at now: Moment, _ outputs: inout [Output]
    ) {
        guard let writing = writings[id] else { return }
        let outcome: WriteResult
        switch result {
        case .success where writing.readBack != nil:
            units[unit].writes.putFirst(.readBack(id))
            return
        case .success: outcome = .unverified
        case .failure(.exception(let code)):
            neverSent(id)
            outcome = .refused("\(ModbusError.exception(code))")
        case .failure(.unservable(let why)):
            neverSent(id)
            outcome = .refused(why)
        case .failure(let error): outcome = .failed("\(error)")
        }
        writings[id] = nil
        outputs.append(.wrote(id, outcome))
    }

    mutating func concludeReadBack(
        _ id: WriteID, _ result: Result<Response, ModbusError>, at now: Moment, _ outputs: inout [Output]
    ) {
        guard let writing = writings.removeValue(forKey: id) else { return }
        let (point, source) = (writing.point, writing.point.source)
        if case .success(let response) = result {
            let reading = source.reading(in: response, from: source.address, range: point.range)
            if case .good(let value) = reading {
                let sample = Sample(point: point.id, time: now.wall, reading: reading)
                outputs.append(.batch(Batch(device: writing.device, received: now, samples: [sample])))
                outputs.append(.wrote(id, .echoed(value)))
                return
            }
        }
        outputs.append(.wrote(id, .unverified))
    }
}

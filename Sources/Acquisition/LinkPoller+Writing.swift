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
    /// The device, or the protocol, said no.
    case refused(String)
    /// Nobody knows whether the device heard.
    case failed(String)
}

/// A write under way: what to send, then what to read back.
struct Writing: Sendable {
    let device: DeviceID
    let point: PolledPoint
    let request: Request
    let readBack: Request
}

extension LinkPoller {
    /// Whether this link leads to the point.
    package func serves(_ point: PointID) -> Bool { target(of: point) != nil }

    /// Orders a write: it leaves before any waiting read, and is read back at once.
    package mutating func write(_ value: Value, to point: PointID, id: WriteID) -> [Output] {
        guard let (device, unit, polled) = target(of: point) else { return [.wrote(id, .refused("the point is not on this link"))] }
        if case .down(_, let reason) = state { return [.wrote(id, .failed("link \(name) is down: \(reason)"))] }
        let writing: Writing
        do {
            writing = Writing(
                device: device, point: polled, request: try polled.source.request(writing: value),
                readBack: .read(
                    polled.source.table, address: polled.source.address, count: UInt16(clamping: polled.source.registerCount)))
        } catch {
            return [.wrote(id, .refused("\(error)"))]
        }
        units[unit].writes.append(Pending(request: writing.request, purpose: .write(id, writing)))
        return []
    }

    private func target(of point: PointID) -> (device: DeviceID, unit: Int, point: PolledPoint)? {
        for device in plan.devices {
            if let found = device.points.first(where: { $0.id == point }),
                let unit = units.firstIndex(where: { $0.id == device.unit })
            {
                return (device.id, unit, found)
            }
        }
        return nil
    }

    mutating func concludeWrite(
        _ id: WriteID, _ writing: Writing, _ result: Result<Response, ModbusError>, unit: Int, _ outputs: inout [Output]
    ) {
        switch result {
        case .success:
            units[unit].writes.insert(Pending(request: writing.readBack, purpose: .readBack(id, writing)), at: 0)
        case .failure(.exception(let code)):
            outputs.append(.wrote(id, .refused("\(ModbusError.exception(code))")))
        case .failure(.unservable(let why)):
            outputs.append(.wrote(id, .refused(why)))
        case .failure(let error):
            outputs.append(.wrote(id, .failed("\(error)")))
        }
    }

    mutating func concludeReadBack(
        _ id: WriteID, _ writing: Writing, _ result: Result<Response, ModbusError>, at now: Moment, _ outputs: inout [Output]
    ) {
        let reading: Reading? =
            switch result {
            case .success(.bits(let bits)): bits.first.map { .good(.bool($0)) }
            case .success(.registers(let registers)):
                writing.point.source.reading(registers: registers[...], range: writing.point.range)
            default: nil
            }
        if case .good(let value) = reading, let reading {
            let sample = Sample(point: writing.point.id, time: now.wall, reading: reading)
            outputs.append(.batch(Batch(device: writing.device, received: now, samples: [sample])))
            outputs.append(.wrote(id, .echoed(value)))
        } else {
            outputs.append(.wrote(id, .unverified))
        }
    }
}

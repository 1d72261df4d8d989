import Acquisition
import Documents
import FoundationEssentials
import Modbus
import ModbusTransport
import Profiles
import Synchronization
package import Telemetry

/// `headgate serve`: a device that is not there, for trying out a profile, a site or a gateway.
package struct ServeCommand: Sendable {
    enum Fault: Hashable, Sendable {
        case none, dead, garbage
        case slow(Duration)
    }

    enum Place: Hashable, Sendable {
        case tcp(host: String, port: Int)
        case rtuOverTCP(host: String, port: Int)
        case line(path: String)
    }

    private let profile: Profile
    private let place: Place
    private let unit: UnitID
    private let fault: Fault
    private let device: SimulatedDevice

    /// Judges everything and opens nothing.
    /// - Parameters:
    ///   - settings: `point=value`, each.
    ///   - fault: `dead`, `garbage`, `slow 800` (milliseconds); empty for none.
    package init(profile path: String, listen: String, unit: Int, settings: [String], fault: [String]) throws(FieldError) {
        profile = try ProfileFile.read(path)
        guard profile.isPolled else {
            throw .failed("\(path): \(profile.model) sends messages and has no registers; simulate it with any MQTT client")
        }
        let (place, address) = try Self.place(listen)
        self.place = place
        self.unit = try FieldTarget.unit(unit, on: address, option: "--unit")
        self.fault = try Self.fault(fault.joined(separator: " "))
        var values: [String: Value] = [:]
        for setting in settings {
            guard let equals = setting.firstIndex(of: "=") else {
                throw .usage("--set: '\(setting)' sets nothing; write it as point=value")
            }
            let point = try profile.polledPoint(String(setting[..<equals]), option: "--set")
            values[point.name] = try point.value(String(setting[setting.index(after: equals)...]), option: "--set")
        }
        device = try SimulatedDevice(profile, settings: values)
    }

    /// Serves from now on, until the service is let go.
    package func start(time: any TimeSource) throws(FieldError) -> Service {
        let shared = Shared(device, unit, fault, time)
        let server = ModbusServer { shared.answer($0, $1) }
        do {
            let address: String
            switch place {
            case .tcp(let host, let port): address = "tcp://\(host):\(try server.serveTCP(host: host, port: port))"
            case .rtuOverTCP(let host, let port): address = "rtu+tcp://\(host):\(try server.serveRTUOverTCP(host: host, port: port))"
            case .line(let path): address = "rtu://\(try server.serveRTU(linkPath: path))"
            }
            return Service(server: server, address: address, ready: "serving \(profile.model) as unit \(unit) on \(address)")
        } catch {
            server.stop()
            throw .failed("\(listenWords): nothing can be served there: \(Self.words(error)); choose another place")
        }
    }

    package struct Service: Sendable {
        fileprivate let server: ModbusServer
        /// Where the device is found: a link, as `--link` takes it.
        package let address: String
        /// The line that says so.
        package let ready: String

        package func stop() { server.stop() }
    }

    private final class Shared: Sendable {
        private let device: Mutex<SimulatedDevice>
        private let unit: UnitID
        private let fault: Fault
        private let time: any TimeSource
        private let start: Monotonic

        init(_ device: SimulatedDevice, _ unit: UnitID, _ fault: Fault, _ time: any TimeSource) {
            self.device = Mutex(device)
            self.unit = unit
            self.fault = fault
            self.time = time
            start = time.now().monotonic
        }

        func answer(_ asked: UnitID, _ pdu: [UInt8]) -> ServerAnswer {
            // Unit 0 is everybody; nobody answers to that.
            guard asked == unit || asked.rawValue == 0, fault != .dead else { return .silence }
            let elapsed = time.now().monotonic - start
            let answer = device.withLock { $0.answer(pdu, at: elapsed) }
            if asked != unit { return .silence }
            switch fault {
            case .none, .dead: return .pdu(answer)
            case .slow(let delay): return .delay(delay, answer)
            case .garbage: return .garbage([0xDE, 0xAD, 0xBE, 0xEF, 0x00, 0xFF, 0x55, 0xAA])
            }
        }
    }

    private var listenWords: String {
        switch place {
        case .tcp(let host, let port): "tcp://\(host):\(port)"
        case .rtuOverTCP(let host, let port): "rtu+tcp://\(host):\(port)"
        case .line(let path): "rtu://\(path)"
        }
    }

    private static func words(_ error: any Error) -> String {
        if let error = error as? ModbusError { return "\(error)" }
        let text = "\(error)"
        return text.contains("errno: 98") ? "the port is in use" : text.contains("errno: 13") ? "permission denied" : text
    }
}

// What is written on the command line.
extension ServeCommand {
    static func fault(_ text: String) throws(FieldError) -> Fault {
        switch text {
        case "": return .none
        case "dead": return .dead
        case "garbage": return .garbage
        default:
            let words = text.split(whereSeparator: { " :=".contains($0) })
            if words.count == 2, words[0] == "slow" {
                if let span = Duration(text: String(words[1])) { return .slow(span) }
                if let number = Int(words[1]), (1...3_600_000).contains(number) { return .slow(.milliseconds(number)) }
            }
            throw .usage("--fault: '\(text)' is no fault; known: dead, garbage, slow 800 (milliseconds)")
        }
    }

    /// As a link is written; port 0 is one of the system's choice.
    static func place(_ text: String) throws(FieldError) -> (Place, LinkAddress) {
        let isOpen = text.hasSuffix(":0")
        let address = try FieldTarget.address(isOpen ? String(text.dropLast()) + "1" : text, option: "--listen")
        switch address {
        case .tcp(let host, let port): return (.tcp(host: host, port: isOpen ? 0 : port), address)
        case .rtuOverTCP(let host, let port): return (.rtuOverTCP(host: host, port: isOpen ? 0 : port), address)
        case .rtu(let path, _, _, _):
            let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
            guard type == nil || type == .typeSymbolicLink else {
                throw .usage("--listen: \(path) is there already, and is not replaced; name a path where a link to a new line can be made")
            }
            return (.line(path: path), address)
        case .rtuListen, .mqtt:
            throw .usage("--listen: '\(text)' is no place to serve on; write tcp://, rtu+tcp:// or rtu://")
        }
    }
}

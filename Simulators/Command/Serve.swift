import ArgumentParser
import CountyServers
import FoundationEssentials
import Glibc
import Logging
import Plants

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves the county until SIGTERM or SIGINT.",
        discussion: """
            While it runs, messages to the broker steer it:
              county/set    'xinzhuang-pump/well/level 3.2', '… release', 'storm 20 90' (mm/h, minutes)
              county/fault  'xinzhuang-pump/well: dead', '…: slow 800', '…: garbage', '…: frozen level',
                            'fleet/vehicle-01: clock -3600', '…: none'
            """)

    @Option(help: "TCP port of the pump station's Modbus server; 0 lets the system choose.")
    var modbusPort = 26502

    @Option(help: "Symbolic link to the pseudo-terminal that is the farm's serial line.")
    var serialLink = "/tmp/headgate-county/lily-bus"

    @Option(help: "The MQTT broker: host:port, the path of a Unix socket, or 'none'.")
    var broker = "127.0.0.1:26883"

    @Option(help: "The same seed is the same county.")
    var seed: UInt64 = 7

    @Option(help: "How much faster than real time water and plants live; the fleet lives in real time.")
    var speed = 10.0

    @Option(help: "The simulated day's hour at the start.")
    var hour = 9.0

    @Option(help: "A fault from the start on, as on county/fault. May be repeated.")
    var fault: [String] = []

    @Option(help: "A value held from the start on, as on county/set. May be repeated.")
    var set: [String] = []

    @Option(help: "Where to write what was received, as JSON, at the end.")
    var report: String?

    func validate() throws {
        guard (0...65535).contains(modbusPort) else { throw ValidationError("--modbus-port is 0 … 65535.") }
        guard speed > 0, speed <= 1000 else { throw ValidationError("--speed is above 0 and at most 1000.") }
        guard (0..<24).contains(hour) else { throw ValidationError("--hour is 0 … 23.99.") }
        if broker != "none", BrokerAddress(broker) == nil {
            throw ValidationError("--broker is host:port, the path of a socket, or none; not '\(broker)'.")
        }
    }

    func run() async throws {
        let signals = Signals()
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        let county = County(seed: seed, speed: speed, hourOfDay: hour)
        for text in fault {
            guard let order = Order(fault: text), county.obey(order) else {
                throw ValidationError("no such fault: '\(text)'")
            }
        }
        for text in set {
            guard let order = Order(set: text), county.obey(order) else {
                throw ValidationError("no such point, or no such value: '\(text)'")
            }
        }
        if let slash = serialLink.lastIndex(of: "/"), slash > serialLink.startIndex {
            try FileManager.default.createDirectory(
                atPath: String(serialLink[..<slash]), withIntermediateDirectories: true)
        }
        do {
            try county.start(modbusPort: modbusPort, serialLink: serialLink, broker: BrokerAddress(broker))
        } catch {
            say("county: cannot serve port \(modbusPort) and \(serialLink): \(error)\n", to: 2)
            throw ExitCode.failure
        }
        say(
            "county ready: modbus 127.0.0.1:\(county.modbusPort), serial \(county.serialPath), mqtt \(broker), "
                + "seed \(seed), speed \(decimal(speed, places: 1))\n", to: 1)
        await signals.wait()
        await county.stop()
        if let report {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            try encoder.encode(county.receipts).write(to: URL(filePath: report), options: .atomic)
        }
    }

    /// At once, and not when some buffer is full: whoever started us waits for the line.
    private func say(_ line: String, to descriptor: Int32) {
        _ = Array(line.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }
}

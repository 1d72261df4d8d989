import Forwarding
import FoundationEssentials
import Logging
import MQTT
import Telemetry

/// Where an edge node keeps its births' number over restarts: a file of its own in the data folder.
struct KeptNumber: Sendable {
    let path: String

    init(folder: String, destination: String) { path = "\(folder)/sparkplug-\(destination).bdseq" }

    /// nil for none, or for one that cannot be read: then the births are counted from 0 again.
    var number: UInt8? {
        FileManager.default.contents(atPath: path)
            .flatMap { UInt8(String(decoding: $0.prefix(8).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)) }
    }

    func keep(_ number: UInt8) throws {
        try Data("\(number)\n".utf8).write(to: URL(filePath: path), options: .atomic)
    }
}

extension SparkplugDestination.Surroundings {
    init(_ destination: String, orders: SparkplugCommands?, _ company: Receiver.Company) {
        let kept = KeptNumber(folder: company.folder, destination: destination)
        self.init(
            kept: kept.number,
            keep: { number in
                do { try kept.keep(number) } catch {
                    company.logger.error(
                        "the births' number is not kept", metadata: ["destination": "\(destination)", "error": "\(error)"])
                }
            },
            ordered: { orders?.hear($0) },
            denied: { filter in
                let text = "the broker refuses the topic \(filter); its access list must let this client read it"
                company.record(Event(time: company.time.now().wall, kind: .link, subject: destination, origin: "gateway", text: text))
            })
    }
}

import Console
import Control
import Forwarding
import Historian
import Logging
import MQTT
import ServiceLifecycle
import Synchronization
import Telemetry

/// A part of the gateway as a service: runs until shutdown begins, and is given the time to finish what it does then.
struct Part: Service {
    let body: @Sendable () async throws -> Void

    init(_ body: @escaping @Sendable () async throws -> Void) { self.body = body }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await body() }
        } catch is CancellationError {}
    }
}

/// The console hears of the shutdown itself, and ends its live streams before it closes.
struct ConsolePart: Service {
    let console: Console

    func run() async throws { try await console.run() }
}

/// A destination, and the client it speaks through, if that is ours to start and stop.
struct Receiver: Sendable {
    /// Whom an edge node deals with.
    struct Company: Sendable {
        let directory: Directory
        let folder: String
        let control: Control
        let time: any TimeSource
        /// The last entry of earlier runs.
        let before: Int64
        let record: @Sendable (Event) -> Void
        let logger: Logger
    }

    let destination: any Destination
    let client: MQTTClient?
    private(set) var sparkplug: SparkplugDestination?
    private(set) var orders: SparkplugCommands?
    private let file: SiteFile.Destination

    /// Opens nothing yet.
    init(_ destination: SiteFile.Destination, clientID: String, company: Company) {
        file = destination
        let access = destination.access
        /// Where a pump station's alarm waits for the network, half a second is long, and an attempt costs nothing.
        func options(_ host: String, _ port: Int) -> MQTTClient.Options {
            var options = MQTTClient.Options(
                host: host, port: port, clientID: "\(clientID)-\(destination.name)", username: access.user, password: access.password)
            options.backoff = Backoff(first: .milliseconds(100), limit: .milliseconds(400))
            options.tls = access.tls
            return options
        }
        if let warning = access.tls?.warning(at: company.time.now().wall) {
            company.record(
                Event(time: company.time.now().wall, kind: .gateway, subject: destination.name, origin: "gateway", text: warning))
        }
        switch destination.kind {
        case .influx(let url, let place):
            client = nil
            self.destination = InfluxDestination(
                name: destination.name,
                endpoint: InfluxEndpoint(url: url, place: place, credentials: access.credentials, tls: access.tls), time: company.time)
        case .mqtt(let host, let port, let prefix):
            let client = MQTTClient(options(host, port))
            self.client = client
            self.destination = MQTTDestination(name: destination.name, client: client, prefix: prefix, before: company.before)
        case .sparkplug(let host, let port, let settings):
            var options = options(host, port)
            // A birth of every device and what a batch holds; a message that finds no room would end the session.
            options.maximumPending = 10_000 + 10 * company.directory.devices.count
            let client = MQTTClient(options)
            let orders = destination.commands.map { SparkplugCommands(destination: destination.name, terms: $0, control: company.control) }
            let sparkplug = SparkplugDestination(
                name: destination.name, client: client, settings: settings, directory: company.directory, time: company.time,
                surroundings: .init(destination.name, orders: orders, company))
            (self.client, self.destination, self.sparkplug, self.orders) = (client, sparkplug, sparkplug, orders)
        }
    }

    /// What the site asks of its forwarder.
    var forwarding: Forwarder.Options {
        var options = Forwarder.Options()
        options.backfill = file.backfill
        return options
    }

    /// The commands that come from there; nil where none are heard.
    func commands(
        to control: Control, time: any TimeSource, record: @escaping @Sendable (Event) -> Void
    ) -> CountyCommands? {
        guard let client, let terms = file.commands, case .mqtt(_, _, let prefix) = file.kind else { return nil }
        return CountyCommands(
            destination: file.name, prefix: prefix, terms: terms, client: client, control: control, time: time, record: record)
    }
}

/// The forwarders, which at the end send what the links have still brought.
struct ForwardingPart: Service {
    /// How long the last of the journal may take to leave; the rest goes after the next start.
    private static let patience = Duration.seconds(5)

    let receivers: [Receiver]
    let forwarders: [Forwarder]
    let journal: Journal
    let time: any TimeSource

    func run() async throws {
        for receiver in receivers { receiver.client?.start() }
        do {
            try await cancelWhenGracefulShutdown {
                try await withThrowingTaskGroup { group in
                    for forwarder in forwarders { group.addTask { try await forwarder.run() } }
                    for sparkplug in receivers.compactMap(\.sparkplug) { group.addTask { await sparkplug.run() } }
                    try await group.waitForAll()
                }
            }
        } catch is CancellationError {}
        // A failed commit has been told by the journal; what it holds in memory is then beyond sending.
        try? await journal.flush()
        let deadline = time.now().monotonic + Self.patience
        await withTaskGroup { group in
            for forwarder in forwarders { group.addTask { await forwarder.drain(until: deadline) } }
        }
        for receiver in receivers {
            await receiver.destination.close()
            await receiver.client?.stop()
        }
    }
}

/// Shows events where people look: the log, and the console once it is there.
final class Announcer: Sendable {
    private let logger: Logger
    private let console = Mutex<Console?>(nil)

    init(logger: Logger) { self.logger = logger }

    func meet(_ console: Console) { self.console.withLock { $0 = console } }

    func show(_ event: Event) {
        let level: Logger.Level =
            switch event.kind {
            case .alarm: .warning
            case .decision, .command, .link, .gateway: .info
            }
        logger.log(
            level: level, "\(event.kind.rawValue)",
            metadata: ["subject": "\(event.subject)", "origin": "\(event.origin)", "text": "\(event.text)"])
        console.withLock { $0 }?.noticed(event)
    }
}

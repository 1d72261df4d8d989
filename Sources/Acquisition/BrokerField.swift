import MQTT
import Synchronization
import Telemetry

/// The devices that speak by themselves through one broker.
final class BrokerField: Sendable {
    private let name: String
    private let client: MQTTClient
    private let ingest: Mutex<Ingest>
    private let time: any TimeSource
    private let sink: Sink

    init(_ plan: BrokerPlan, clientID: String, time: any TimeSource, sink: Sink) {
        name = plan.name
        var options = MQTTClient.Options(
            host: plan.host, port: plan.port, clientID: clientID, username: plan.user, password: plan.password)
        options.tls = plan.tls
        client = MQTTClient(options)
        ingest = Mutex(Ingest(plan.devices))
        self.time = time
        self.sink = sink
    }

    var received: Int { client.receivedMessages }

    func run() async {
        for topic in ingest.withLock({ $0.topics }) {
            client.subscribe(topic, qos: 1) { [name, time, sink] isGranted in
                guard !isGranted else { return }
                let text = "the broker of link \(name) refuses topic \(topic); its access list must let this client read it"
                sink.event(Event(time: time.now().wall, kind: .link, subject: name, origin: "acquisition", text: text))
            }
        }
        client.start()
        await withTaskCancellationHandler {
            await withTaskGroup { group in
                group.addTask { await self.hear() }
                group.addTask { await self.watch() }
            }
        } onCancel: {
            // The streams end when the client stops, and with them `run`; a handler cannot wait for that itself.
            Task { await client.stop() }
        }
    }

    private func hear() async {
        for await message in client.messages {
            let now = time.now()
            let (batches, events) = ingest.withLock {
                $0.hear(topic: message.topic, payload: message.payload, isRetained: message.isRetained, at: now)
            }
            for batch in batches { sink.batch(batch) }
            sink.turn()
            for event in events { sink.event(event) }
        }
    }

    /// Tells the edges of the link, once each. Its devices grow stale by themselves.
    private func watch() async {
        var lost: Moment?
        for await state in client.states {
            let now = time.now()
            switch state {
            case .connected:
                sink.link(LinkEdge(name: name, isUp: true, at: now.wall))
                guard let since = lost else { continue }
                lost = nil
                let span = Int((now.monotonic - since.monotonic).seconds.rounded())
                tell("link \(name) restored after \(span) s", at: now)
            case .disconnected(let reason):
                guard lost == nil, !Task.isCancelled else { continue }
                lost = now
                sink.link(LinkEdge(name: name, isUp: false, at: now.wall, reason: reason))
                tell("link \(name) lost: \(reason)", at: now)
            }
        }
    }

    private func tell(_ text: String, at now: Moment) {
        sink.event(Event(time: now.wall, kind: .link, subject: name, origin: "acquisition", text: text))
    }
}

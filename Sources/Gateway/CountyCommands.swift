import Control
import MQTT
import Telemetry

/// The county's commands by one broker: `<prefix>/<site>/<device>/<point>/set`, answered on `…/set/result`.
///
/// It speaks through the client that forwards to that broker, and is the only one to hear its messages.
struct CountyCommands: Sendable {
    private static let verb = "/set"

    let destination: String
    let prefix: String
    let terms: RemoteTerms
    let client: MQTTClient
    let control: Control
    let time: any TimeSource
    let record: @Sendable (Event) -> Void

    var origin: String { "county broker \(destination)" }

    /// Hears commands until cancelled, on the client's thread. The client is started and stopped by whoever owns it.
    func run() async {
        client.hear { hear($0) }
        defer { client.hear { _ in } }
        // As sent: a sender who wants exactly once can have it.
        client.subscribe("\(prefix)/+/+/+\(Self.verb)", qos: 2) { isGranted in
            guard !isGranted else { return }
            let text = "\(origin) refuses the topics of commands; its access list must let this client read \(prefix)/+/+/+\(Self.verb)"
            record(Event(time: time.now().wall, kind: .link, subject: destination, origin: "gateway", text: text))
        }
        while (try? await time.sleep(for: .seconds(86_400))) != nil {}
    }

    func hear(_ message: MQTTMessage) {
        guard message.topic.hasPrefix(prefix + "/"), message.topic.hasSuffix(Self.verb) else { return }
        let point = String(message.topic.dropFirst(prefix.count + 1).dropLast(Self.verb.count))
        let text = CountyCommandText(message.payload)
        let command = RemoteCommand(
            id: text.id, origin: origin, point: point, order: text.order, issued: text.issued, expires: text.expires, hold: text.hold,
            isKept: message.isRetained, isConfirmed: text.isConfirmed)
        control.command(command, under: terms) { [client] answer in
            // `accepted` has just been said, and that the write has left tells nobody more.
            if answer.stage == .sent { return }
            let result = MQTTMessage(topic: message.topic + "/result", payload: CountyCommandText.encode(answer), qos: 1)
            // Nothing outbound waits in memory: an answer that finds no broker is still an event of the history.
            client.publish(result) { _ in }
        }
    }
}

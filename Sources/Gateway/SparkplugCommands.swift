import Control
import Forwarding
import Synchronization
import Telemetry

/// The commands that Sparkplug hosts give by one broker. Those that nothing comes of go the same way, so that they are counted,
/// bounded and recorded like any other. Their answer is what the point reads from then on.
final class SparkplugCommands: Sendable {
    private let destination: String
    private let terms: RemoteTerms
    private let control: Control
    private let isHeard = Atomic(false)

    init(destination: String, terms: RemoteTerms, control: Control) {
        self.destination = destination
        self.terms = terms
        self.control = control
    }

    /// Lets commands through until cancelled.
    func run(_ time: any TimeSource) async {
        isHeard.store(true, ordering: .relaxed)
        defer { isHeard.store(false, ordering: .relaxed) }
        while (try? await time.sleep(for: .seconds(86_400))) != nil {}
    }

    func hear(_ order: SparkplugOrder) {
        guard isHeard.load(ordering: .relaxed) else { return }
        control.command(command(order), under: terms) { _ in }
    }

    private func command(_ order: SparkplugOrder) -> RemoteCommand {
        let origin = "county host \(destination)"
        return switch order.content {
        case .set(let value, let sent): RemoteCommand(origin: origin, point: order.point, order: .set(value), issued: sent)
        case .refused(let why): RemoteCommand(origin: origin, point: order.point, order: .unreadable(why))
        }
    }
}

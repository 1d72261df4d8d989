import Dispatch
import Glibc

/// SIGTERM and SIGINT as a stream, instead of the process's end.
struct Signals {
    let arrivals: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (arrivals, outlet) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingOldest(1))
        self.arrivals = arrivals
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { outlet.yield(number) }
            source.resume()
            return source
        }
    }

    /// Returns when one has come.
    func wait() async {
        for await _ in arrivals { return }
    }
}

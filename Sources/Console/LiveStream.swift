import FoundationEssentials
import Hummingbird
import NIOCore
import Telemetry

/// Server-sent events, one stream a client: first the whole present, then what changes, events, and a pulse by which the
/// page knows that the gateway is there.
struct LiveStream: Sendable {
    let audience: Audience
    let table: PointTable
    let line: AlarmLine
    let time: any TimeSource
    let refresh: Duration

    func response(to request: Request, over channel: any Channel) throws -> Response {
        let headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        if request.method == .head { return Response(status: .ok, headers: headers) }
        guard let seat = audience.join(cut: { channel.close(promise: nil) }) else {
            throw Refusal(.serviceUnavailable, "Too many are watching; try again later.")
        }
        let body = ResponseBody { writer in
            for await _ in seat.signals {
                guard let news = audience.take(seat.number, at: time.now().monotonic) else { break }
                try await writer.write(frames(of: news))
                audience.wrote(seat.number)
                try await time.sleep(for: refresh)
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Values are read from the table now: whatever happened to a point since the last frame, its present is what counts.
    func frames(of news: Outbox.News) -> ByteBuffer {
        let now = time.now()
        var buffer = ByteBuffer()
        if !news.points.isEmpty {
            let points = news.points.map { PointAnswer(table.directory[$0], state: table.state(of: $0, at: now.monotonic)) }
            frame("points", PointsAnswer(time: now.wall, points: points), into: &buffer)
        }
        if news.areAlarmsNews { frame("alarms", line.now, into: &buffer) }
        for event in news.events { frame("event", EventAnswer(event), into: &buffer) }
        if news.missedEvents > 0 { frame("missed", MissedAnswer(count: news.missedEvents), into: &buffer) }
        if news.isPulse { frame("pulse", PulseAnswer(time: now.wall, isTrusted: now.isTrusted), into: &buffer) }
        return buffer
    }

    private func frame(_ name: String, _ value: some Encodable, into buffer: inout ByteBuffer) {
        buffer.writeString("event: \(name)\ndata: ")
        buffer.writeBytes(json(value))
        buffer.writeString("\n\n")
    }
}

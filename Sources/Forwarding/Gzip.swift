import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPCompression

/// gzip (RFC 1952) of a request's body.
///
/// By the compressor of swift-nio-extras, which is a channel's handler and no function: so it is given a channel that leads
/// nowhere, for the length of a call.
enum Gzip {
    /// nil if it did not work out; the body then goes as it is.
    static func compressed(_ body: ByteBuffer) -> ByteBuffer? {
        let channel = EmbeddedChannel(handler: NIOHTTPRequestCompressor(encoding: .gzip))
        defer { _ = try? channel.finish() }
        let parts: [HTTPClientRequestPart] = [
            .head(HTTPRequestHead(version: .http1_1, method: .POST, uri: "/")), .body(.byteBuffer(body)), .end(nil),
        ]
        for part in parts { channel.write(part, promise: nil) }
        channel.flush()
        while let part = try? channel.readOutbound(as: HTTPClientRequestPart.self) {
            if case .body(.byteBuffer(let compressed)) = part { return compressed }
        }
        return nil
    }
}

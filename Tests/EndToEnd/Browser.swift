import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import RealServers

/// A real Chromium, driven by the W3C WebDriver protocol through Debian's chromedriver.
struct Browser: Sendable {
    static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/chromedriver")

    private let session: String

    /// Opens a browser of the given size for as long as the body takes.
    static func open<Answer: Sendable>(
        width: Int = 1280, height: Int = 900, _ body: @Sendable (Browser) async throws -> Answer
    ) async throws -> Answer {
        try await running("/usr/bin/chromedriver", ["--port=0", "--silent"]) { process in
            let port = try await within(.seconds(30), "chromedriver listens") { try await listeningPort(of: process) }
            let driver = "http://127.0.0.1:\(port)/session"
            let options: [String: any Sendable] = [
                "binary": "/usr/bin/chromium",
                "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=\(width),\(height)"],
            ]
            let answer = try await ask(driver, ["capabilities": ["alwaysMatch": ["goog:chromeOptions": options]]])
            guard let id = (answer as? [String: Any])?["sessionId"] as? String else { throw Unexpected("no browser: \(answer)") }
            let browser = Browser(session: "\(driver)/\(id)")
            do {
                let answer = try await body(browser)
                await browser.close()
                return answer
            } catch {
                await browser.close()
                throw error
            }
        }
    }

    func go(to url: String) async throws { _ = try await Self.ask(session + "/url", ["url": url]) }

    /// What a script returns, as text.
    func evaluate(_ script: String) async throws -> String {
        "\(try await Self.ask(session + "/execute/sync", ["script": script, "args": [String]()]))"
    }

    /// The page as a PNG.
    func picture() async throws -> Data {
        guard let text = try await Self.ask(session + "/screenshot", nil) as? String, let data = Data(base64Encoded: text) else {
            throw Unexpected("no picture")
        }
        return data
    }

    private func close() async {
        var request = HTTPClientRequest(url: session)
        request.method = .DELETE
        _ = try? await HTTPClient.shared.execute(request, timeout: .seconds(10))
    }

    private static func ask(_ url: String, _ body: [String: any Sendable]?) async throws -> Any {
        var request = HTTPClientRequest(url: url)
        if let body {
            request.method = .POST
            request.body = .bytes(ByteBuffer(bytes: try JSONSerialization.data(withJSONObject: body)))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let data = Data(try await response.body.collect(upTo: 64 << 20).readableBytesView)
        let answer = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        guard response.status == .ok else { throw Unexpected("the browser says \(String(decoding: data.prefix(400), as: UTF8.self))") }
        return answer?["value"] ?? ""
    }
}

import ArgumentParser
import AsyncHTTPClient
import Foundation
import Gateway
import NIOCore
import NIOHTTP1

struct Why: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tells of a running gateway who wants what of a point, who won, and what stands against it.",
        discussion: "Asks the gateway's console, at the address in the site file unless told.")

    @Argument(help: "The point's full name, site/device/point.")
    var point: String

    @OptionGroup var site: SiteOption

    @Option(help: "The console's address, as http://127.0.0.1:8080.")
    var console: String?

    private struct Answer: Decodable {
        struct Event: Decodable {
            let time: Int64
            let kind: String
            let origin: String
            let text: String
        }

        let answer: String
        let events: [Event]
    }

    private struct Refusal: Decodable { let error: String }

    func run() async throws {
        let address: String
        if let console { address = console } else {
            let site = try site.plan().site
            address = "http://\(site.listenHost):\(site.listenPort)"
        }
        let name = point.addingPercentEncoding(withAllowedCharacters: .urlQueryAllowed) ?? point
        do {
            let answer = try await ask(address + "/api/why?point=" + name)
            print(answer.answer)
            for event in answer.events {
                let time = Date(timeIntervalSince1970: Double(event.time) / 1000).ISO8601Format()
                print("\(time) \(event.kind) by \(event.origin): \(event.text)")
            }
        } catch let error as ValidationError {
            printError("headgate: \(error.message)")
            throw ExitCode(1)
        } catch {
            printError("headgate: no gateway answers at \(address) (\(error)); is it running? Another address: --console URL")
            throw ExitCode(1)
        }
    }

    private func ask(_ url: String) async throws -> Answer {
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(5))
        let body = Data(Array(buffer: try await response.body.collect(upTo: 1 << 20)))
        if response.status != .ok {
            let words = (try? JSONDecoder().decode(Refusal.self, from: body).error) ?? "the console answers \(response.status.code)"
            throw ValidationError(words)
        }
        return try JSONDecoder().decode(Answer.self, from: body)
    }
}

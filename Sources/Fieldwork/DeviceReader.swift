import Modbus
package import Profiles
package import Telemetry

/// A point as it was found.
package struct FoundPoint: Sendable {
    package let point: ProfilePoint
    package let reading: Reading
    package let time: Timestamp
    /// Why there was no answer, where there was none.
    let error: ModbusError?

    /// Whether the device said anything to it, if only that it refuses.
    var isAnswered: Bool {
        guard let error else { return true }
        if case .exception = error { return true }
        return false
    }

    /// The word for the value of an enumeration.
    package var label: String? {
        if case .int(let number) = reading.value { point.labels[number] } else { nil }
    }
}

/// Asks one unit for points of its profile, each with a request of its own; points that share registers share the answer.
struct DeviceReader {
    /// After so many questions in a row without an answer the rest is not asked.
    private static let mostSilent = 3

    let link: any FieldLink
    let unit: UnitID
    let timeout: Duration
    let pause: Duration
    let time: any TimeSource
    private var answers: [Request: (result: Result<Response, ModbusError>, time: Timestamp)] = [:]
    private var silent = 0
    private var hasAsked = false

    init(_ link: any FieldLink, _ target: FieldTarget, _ profile: Profile, time: any TimeSource) {
        self.link = link
        unit = target.unit
        timeout = max(target.timeout, profile.timeout ?? .zero)
        pause = profile.pause
        self.time = time
    }

    mutating func read(_ point: ProfilePoint) async -> FoundPoint? {
        guard let source = point.register else { return nil }
        let request = Request.read(source.table, address: source.address, count: UInt16(clamping: source.registerCount))
        let answer = await answer(to: request)
        switch answer.result {
        case .success(let response):
            let reading = source.reading(in: response, from: source.address, range: point.range)
            return FoundPoint(point: point, reading: reading, time: answer.time, error: nil)
        case .failure(let error):
            return FoundPoint(point: point, reading: .bad(.commFailure), time: answer.time, error: error)
        }
    }

    /// What was heard before is no longer believed.
    mutating func forget() { answers = [:] }

    mutating func ask(_ request: Request) async throws(ModbusError) -> Response {
        if hasAsked, pause > .zero { try? await time.sleep(for: pause) }
        hasAsked = true
        return try await link.ask(request, of: unit, within: timeout)
    }

    private mutating func answer(
        to request: Request
    ) async -> (result: Result<Response, ModbusError>, time: Timestamp) {
        if let known = answers[request] { return known }
        if silent >= Self.mostSilent { return (.failure(.timeout), time.now().wall) }
        let result: Result<Response, ModbusError>
        do throws(ModbusError) {
            result = .success(try await ask(request))
            silent = 0
        } catch {
            result = .failure(error)
            switch error {
            case .timeout, .disconnected: silent += 1
            case .exception, .malformed, .unservable: silent = 0
            }
        }
        let answer = (result, time.now().wall)
        answers[request] = answer
        return answer
    }
}

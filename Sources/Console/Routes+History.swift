import Foundation
import Hummingbird
import NIOCore
import Series
import Telemetry

/// A point's past, as samples or in rows. No question may hold the gateway up: what it would return is bounded, and so is what is
/// read for it.
extension Routes {
    static let mostHistoryRows = 20_000
    static let mostPastRows = 5000

    private enum Form: String, CaseIterable {
        case json, csv
    }

    func history(_ query: Query) async throws -> Response {
        try query.knows(["point", "from", "to", "most", "every", "function", "gap", "format"])
        guard let text = query["point"] else { throw Refusal(.badRequest, "Say which point: ?point=site/device/point.") }
        guard let name = PointName(text) else {
            throw Refusal(.badRequest, "'\(text.prefix(200))' is not a point's name; it has the form site/device/point.")
        }
        guard table.directory.id(of: name) != nil else { throw Refusal(.notFound, "There is no point \(name).") }
        let now = time.now().wall
        let to = try query.time("to") ?? now
        let from = try query.time("from") ?? to.advanced(by: .seconds(-3600))
        guard from < to else { throw Refusal(.badRequest, "'from' must be before 'to'.") }
        let most = try query.whole("most", in: 2...5000) ?? 600
        let form = try query.word("format", of: Form.allCases) ?? .json
        let step = try query.step("every")
        let figures = try query.figures("function")
        guard step != nil || query["function"] == nil else {
            throw Refusal(.badRequest, "'function' is of rows; say how long they are: every=10m.")
        }
        // What is yet to come is no gap.
        let end = max(min(to, now.advanced(by: .milliseconds(1))), from.advanced(by: .milliseconds(1)))
        var question = PastQuestion(of: name, from: from, to: end, step: step)
        question.silence = try query.span("gap")
        question.isFromSamples = figures.contains { $0.needsSamples }
        question.limit = Self.mostPastRows
        question.offset = clockOffset
        guard historyGate.enter() else { throw Refusal(.serviceUnavailable, "Too many histories at once; ask again.") }
        defer { historyGate.leave() }
        if step == nil { return try await samples(question, until: to, most: most, as: form) }
        return try await rows(question, figures: figures, as: form)
    }

    private func rows(_ question: PastQuestion, figures: [Past.Figure], as form: Form) async throws -> Response {
        if question.isFromSamples, question.to.since(question.from) > .seconds(7 * 86_400) {
            throw Refusal(.badRequest, "'first' and 'time-weighted-mean' are made of samples: ask for 7 days at most.")
        }
        let pasts: [Past]
        do {
            pasts = try await source.pasts(question)
        } catch let error as Aggregation.TooManyBuckets {
            throw Refusal(.badRequest, Self.advice(error.wanted, for: question))
        }
        if form == .csv {
            return sheet(
                Spreadsheet(pasts, figures: figures, zone: plan.zone, offset: clockOffset, title: title).text, of: question.point)
        }
        // One answer: a point whose unit was changed is shown in its present one.
        guard let past = pasts.last else { throw Refusal(.notFound, "There is no past of \(question.point).") }
        return jsonAnswer(PastAnswer(past, figures: figures, step: question.step, isISO: false))
    }

    private func samples(_ question: PastQuestion, until to: Timestamp, most: Int, as form: Form) async throws -> Response {
        let rows = try await source.history(question.point, question.from, to, Self.mostHistoryRows)
        let isTruncated = rows.count >= Self.mostHistoryRows
        // Beyond what was looked at nobody knows of gaps.
        var question = question
        if isTruncated, let last = rows.last?.time, last > question.from {
            let shorter = PastQuestion(of: question.point, from: question.from, to: last, step: nil)
            (question, question.silence) = (shorter, question.silence)
        }
        let pasts = try await source.pasts(question)
        let unit = table.directory.id(of: question.point).map { table.directory[$0].unit } ?? ""
        guard form == .csv else {
            let gaps = (pasts.last?.gaps ?? []).map { GapAnswer(from: $0.from, to: $0.to, why: $0.why.word) }
            return jsonAnswer(
                HistoryAnswer(
                    point: question.point.description, unit: unit, from: question.from, to: to, isTruncated: isTruncated,
                    rows: thinned(rows, to: most).map(HistoryAnswer.Row.init), gaps: gaps))
        }
        guard !isTruncated, let past = pasts.last else {
            throw Refusal(
                .badRequest, "The span has more than \(Self.mostHistoryRows) samples: ask for a shorter one, or for rows: every=1m.")
        }
        let samples = Spreadsheet.Samples(rows.map { ($0.time, $0.reading) }, of: past)
        return sheet(Spreadsheet([samples], zone: plan.zone, offset: clockOffset, title: title).text, of: question.point)
    }

    private func sheet(_ text: String, of point: PointName) -> Response {
        let name = "\(point.site)-\(point.device)-\(point.point).csv"
        let headers: HTTPFields = [
            .contentType: "text/csv; charset=utf-8", .cacheControl: "no-store",
            .contentDisposition: "attachment; filename=\"\(name)\"",
        ]
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// What people call the device, then the name.
    private func title(_ point: PointName) -> String {
        let site = plan.sites.first { $0.name == point.site }
        let device = site?.devices.first { $0.name == point.device }
        return [site?.title, device?.title, point.description].compactMap(\.self).joined(separator: " ")
    }

    /// The county's clocks; those of UTC if its zone is not known here.
    private var clockOffset: @Sendable (Timestamp) -> Int64 {
        guard let zone = TimeZone(identifier: plan.zone) else { return { _ in 0 } }
        return { Int64(zone.secondsFromGMT(for: $0.date)) * 1000 }
    }

    private static func advice(_ wanted: UInt64, for question: PastQuestion) -> String {
        let span = question.to.since(question.from).wholeMilliseconds
        let steps = ["1s", "10s", "1m", "5m", "10m", "1h", "6h", "1d", "7d"].compactMap(Step.init)
        let fitting = steps.first { span / $0.milliseconds < mostPastRows }
        return "That would be \(wanted) rows, and \(mostPastRows) are the most: ask for "
            + (fitting.map { "every=\($0), or for " } ?? "") + "a shorter span."
    }
}

extension Query {
    fileprivate func word<Word: RawRepresentable<String>>(_ name: String, of words: [Word]) throws(Refusal) -> Word? {
        guard let text = self[name] else { return nil }
        guard let word = Word(rawValue: text) else {
            let known = words.map(\.rawValue).joined(separator: ", ")
            throw Refusal(.badRequest, "'\(name)' is one of \(known), not '\(text.prefix(64))'.")
        }
        return word
    }

    fileprivate func step(_ name: String) throws(Refusal) -> Step? {
        guard let text = self[name] else { return nil }
        guard let step = Step(text) else { throw Refusal(.badRequest, "'\(name)' is \(Step.rule), not '\(text.prefix(64))'.") }
        return step
    }

    /// Up to 366 days, of any whole seconds.
    fileprivate func span(_ name: String) throws(Refusal) -> Duration? {
        guard let text = self[name] else { return nil }
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int(text.dropLast()), (1...31_622_400 / unit).contains(number)
        else { throw Refusal(.badRequest, "'\(name)' is a span such as 30s, 5m or 1h, not '\(text.prefix(64))'.") }
        return .seconds(number * unit)
    }

    fileprivate func figures(_ name: String) throws(Refusal) -> [Past.Figure] {
        guard let text = self[name] else { return Past.Figure.usual }
        var figures: [Past.Figure] = []
        for word in text.split(separator: ",") {
            guard let figure = Past.Figure(rawValue: String(word)) else {
                let known = Past.Figure.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal(.badRequest, "'\(name)' is some of \(known), with commas between them, not '\(word.prefix(64))'.")
            }
            figures.append(figure)
        }
        return figures.isEmpty ? Past.Figure.usual : figures
    }
}

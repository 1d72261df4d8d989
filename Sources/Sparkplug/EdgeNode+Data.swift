import Telemetry

/// Samples become data messages: Sparkplug 3.0.0, "Data Publish".
extension EdgeNode {
    mutating func took(_ samples: [MetricSample], of device: String?, _ freshness: Freshness, at now: Moment) -> [Action] {
        guard let index = device.map({ memberIndexes[$0] }) ?? 0 else {
            return samples.map { .unpublishable($0, device: device) }
        }
        var refused: [Action] = []
        var metrics: [Metric] = []
        // A device that is gone has no session for news: what still comes of it is its past.
        let isNews = freshness == .live && (members[index].isBorn || !takesData)
        for sample in samples {
            guard let place = members[index].indexes[sample.metric],
                let fitting = sample.fitting(members[index].channels[place].definition.type)
            else {
                refused.append(.unpublishable(sample, device: device))
                continue
            }
            let channel = members[index].channels[place]
            if freshness == .live, channel.isNews(fitting, at: now) {
                members[index].channels[place].current = fitting
                // A device that is gone is polled all the same, and fails each time alike: once is enough.
                if configuration.reportsByException || !isNews, channel.current?.reading == fitting.reading { continue }
                metrics.append(members[index].channels[place].told(fitting, isHistorical: !isNews))
            } else {
                metrics.append(members[index].channels[place].told(fitting, isHistorical: true))
            }
        }
        return refused + (takesData ? data(metrics, of: index, at: now) : [])
    }

    private mutating func data(_ metrics: [Metric], of index: Int, at now: Moment) -> [Action] {
        guard !metrics.isEmpty else { return [] }
        let topic: Topic = members[index].device.map { .device(.data, descriptor, device: $0) } ?? .node(.data, descriptor)
        // No data without a birth: the past of a device that is gone goes between a birth of last known values and a death.
        let isGone = !members[index].isBorn
        var actions = isGone ? [birth(of: index, isStale: true, at: now)] : []
        var sorted = metrics
        sorted.sortByTime()
        for piece in sorted.pieces(of: configuration.maximumMetrics) { actions.append(message(topic, piece, at: now)) }
        if isGone { actions.append(death(of: index, at: now)) }
        return actions
    }
}

extension EdgeNode.Channel {
    /// Whether it is newer than the value held. One from the future, by a clock that has since been set, holds nothing back.
    fileprivate func isNews(_ sample: MetricSample, at now: Moment) -> Bool {
        guard let current else { return true }
        return sample.time >= current.time || current.time > now.wall
    }

    /// As a birth says it: name, type, unit, range and the current value, or null.
    mutating func introduced(isStale: Bool, at now: Moment) -> Metric {
        var metric = Metric(
            name: definition.name, alias: alias, timestamp: current?.time ?? now.wall, dataType: DataType(definition.type),
            content: .null)
        if let value = current?.reading.value { metric.content = .value(Scalar(value)) }
        // Never read: nothing is wrong with it, and nothing known.
        let code = current?.reading.code ?? .stale
        told = isStale && code == .good ? .stale : code
        metric.properties = told == .good ? [] : [.quality(told)]
        if let cause = current?.reading.cause { metric.properties.append(.string("Cause", cause.rawValue)) }
        if !definition.unit.isEmpty { metric.properties.append(.string("engUnit", definition.unit)) }
        if let range = definition.range {
            metric.properties += [.double("engLow", range.lowerBound), .double("engHigh", range.upperBound)]
        }
        return metric
    }

    /// As data says it. The quality goes along where it is not good, as the specification asks ("Quality Codes"); and once where
    /// it has become good again, for hosts that keep the last one they heard.
    fileprivate mutating func told(_ sample: MetricSample, isHistorical: Bool) -> Metric {
        var metric = Metric(
            name: alias == nil ? definition.name : nil, alias: alias, timestamp: sample.time, isHistorical: isHistorical,
            content: .null)
        if let value = sample.reading.value { metric.content = .value(Scalar(value)) }
        let code = sample.reading.code
        if code != .good || (told != .good && !isHistorical) { metric.properties.append(.quality(code)) }
        if let cause = sample.reading.cause { metric.properties.append(.string("Cause", cause.rawValue)) }
        if !isHistorical { told = code }
        return metric
    }
}

extension MetricSample {
    /// The same sample with a value of this type; nil if it has none. What is no number is no measurement.
    fileprivate func fitting(_ type: ValueType) -> MetricSample? {
        if case .double(let number) = reading.value, !number.isFinite {
            return MetricSample(metric: metric, time: time, reading: .bad(.sensorFault))
        }
        switch reading {
        case .bad: return self
        case .good(let value):
            return value.converted(to: type).map { MetricSample(metric: metric, time: time, reading: .good($0)) }
        case .uncertain(let value, let cause):
            return value.converted(to: type).map { MetricSample(metric: metric, time: time, reading: .uncertain($0, cause)) }
        }
    }
}

extension Reading {
    /// A bad reading has no value, and goes out as null with BAD. An uncertain one keeps its value, and of the two codes that are
    /// not GOOD only STALE leaves one worth showing; the property `Cause` says in which way it is doubtful.
    fileprivate var code: QualityCode {
        switch quality {
        case .good: .good
        case .uncertain: .stale
        case .bad: .bad
        }
    }
}

private struct MetricMoment: Hashable {
    let name: String?
    let alias: UInt64?
    let time: Timestamp?

    init(_ metric: Metric) { (name, alias, time) = (metric.name, metric.alias, metric.timestamp) }
}

extension [Metric] {
    /// At most so many a message; and no metric twice in one with the same time, which the specification does not allow: several
    /// values of a metric may share a message if their times differ ("Data Publish").
    fileprivate func pieces(of limit: Int) -> [[Metric]] {
        var pieces: [[Metric]] = []
        var moments: Set<MetricMoment> = []
        for metric in self {
            let isNew = moments.insert(MetricMoment(metric)).inserted
            if let last = pieces.indices.last, isNew, pieces[last].count < limit {
                pieces[last].append(metric)
            } else {
                pieces.append([metric])
                moments = [MetricMoment(metric)]
            }
        }
        return pieces
    }
}

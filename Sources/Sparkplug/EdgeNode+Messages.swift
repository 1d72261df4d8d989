import Telemetry

/// What comes from hosts: commands, rebirth requests, STATE. Sparkplug 3.0.0, "Commands" and "Primary Host Application".
extension EdgeNode {
    mutating func heard(_ payload: [UInt8], on text: String, isRetained: Bool, at now: Moment) -> [Action] {
        guard phase == .awaitingHost || phase == .inSession, let topic = Topic(text) else { return [] }
        switch topic {
        case .state(let host): return host == primaryHost ? heardState(payload, on: text, at: now) : []
        case .node(.command, descriptor): return commanded(payload, 0, on: text, isRetained: isRetained, at: now)
        case .device(.command, descriptor, let device):
            guard let index = memberIndexes[device.description] else { return [refused(text, nil, .unknownDevice)] }
            return commanded(payload, index, on: text, isRetained: isRetained, at: now)
        case .node, .device: return []
        }
    }

    private func refused(_ topic: String, _ metric: String?, _ reason: Refusal.Reason) -> Action {
        .refused(Refusal(topic: topic, metric: metric, reason: reason))
    }

    /// Retained ones too: that is how a host is found that came before us.
    private mutating func heardState(_ payload: [UInt8], on topic: String, at now: Moment) -> [Action] {
        let state: HostState
        do { state = try HostState(decoding: payload) } catch { return [refused(topic, nil, .unreadable(error))] }
        var times = hostTimes[server] ?? HostTimes()
        // An offline STATE is measured by the last online one, an online STATE by the last of either kind (…-phid-wait-timestamp,
        // …-phid-offline): the will of a connection that the host has since replaced must not end anything.
        if let bound = state.isOnline ? times.latest : times.latestOnline, state.timestamp < bound {
            return [refused(topic, nil, .outdatedState)]
        }
        times.latest = max(times.latest ?? state.timestamp, state.timestamp)
        if state.isOnline { times.latestOnline = state.timestamp }
        hostTimes[server] = times
        if state.isOnline { return phase == .awaitingHost ? births(at: now) : [] }
        vainConnections += 1
        nextServer()
        return sayGoodbye(at: now)
    }

    private mutating func commanded(
        _ bytes: [UInt8], _ index: Int, on topic: String, isRetained: Bool, at now: Moment
    ) -> [Action] {
        if isRetained { return [refused(topic, nil, .retained)] }
        let payload: Payload
        do { payload = try Payload(decoding: bytes) } catch { return [refused(topic, nil, .unreadable(error))] }
        var actions: [Action] = []
        var isRebirthWanted = false
        for metric in payload.metrics {
            if index == 0, metric.name == Metric.rebirthName {
                switch metric.content {
                case .value(.bool(let wanted)): isRebirthWanted = isRebirthWanted || wanted
                default: actions.append(refused(topic, metric.name, .incompatible(.bool)))
                }
                continue
            }
            do throws(Unfit) {
                actions.append(.command(try command(metric, of: index, sent: payload.timestamp, at: now)))
            } catch {
                actions.append(refused(topic, metric.name ?? metric.alias.map { "\($0)" }, error.reason))
            }
        }
        return actions + (isRebirthWanted ? rebirthWanted(at: now) : [])
    }

    /// Births at once, or as soon as the last ones are old enough; until then no data (…-rebirth-action-1). A request before the
    /// first births is answered by them.
    private mutating func rebirthWanted(at now: Moment) -> [Action] {
        guard takesData else { return [] }
        let due = lastBirth + configuration.rebirthInterval
        if due <= now.monotonic { return births(at: now) }
        rebirthDue = due
        return []
    }

    private struct Unfit: Error { let reason: Refusal.Reason }

    private mutating func command(_ metric: Metric, of index: Int, sent: Timestamp?, at now: Moment) throws(Unfit) -> Command {
        guard phase == .inSession else { throw Unfit(reason: .noSession) }
        guard let place = place(of: metric, in: index) else { throw Unfit(reason: .unknownMetric) }
        let channel = members[index].channels[place]
        guard members[index].isBorn else { throw Unfit(reason: .deviceLost) }
        guard channel.definition.isWritable else { throw Unfit(reason: .notWritable) }
        let time = try age(of: metric, sent: sent, at: now)
        let value = try value(of: metric, for: channel.definition)
        if let last = channel.lastCommand, time < last.time || (time == last.time && value == last.value) {
            throw Unfit(reason: .repeated)
        }
        members[index].channels[place].lastCommand = (time, value)
        return Command(
            device: members[index].device?.description, metric: channel.definition.name, value: value, sent: time)
    }

    /// By name where there is one; else by an alias, which must be one of this very device.
    private func place(of metric: Metric, in index: Int) -> Int? {
        if let name = metric.name, !name.isEmpty { return members[index].indexes[name] }
        guard let alias = metric.alias, let place = places[alias], place.member == index else { return nil }
        return place.channel
    }

    /// When it was sent: by the older of the message's time and the metric's own, where both are there.
    private func age(of metric: Metric, sent: Timestamp?, at now: Moment) throws(Unfit) -> Timestamp {
        let times = [sent, metric.timestamp].compactMap(\.self)
        guard let oldest = times.min(), let newest = times.max() else { throw Unfit(reason: .noTimestamp) }
        guard now.isTrusted else { throw Unfit(reason: .clockUntrusted) }
        let (age, lead) = (now.wall.since(oldest), newest.since(now.wall))
        if age > configuration.maximumCommandAge || metric.isHistorical { throw Unfit(reason: .stale(age)) }
        if lead > configuration.maximumCommandAge { throw Unfit(reason: .ahead(lead)) }
        return oldest
    }

    /// Read by the type it claims, else by the one its birth gave it (tck-id-payloads-metric-datatype-not-req).
    private func value(of metric: Metric, for definition: MetricDefinition) throws(Unfit) -> Value {
        guard case .value(let scalar) = metric.content else { throw Unfit(reason: .noValue) }
        guard let value = scalar.value(as: metric.dataType ?? DataType(definition.type))?.converted(to: definition.type) else {
            throw Unfit(reason: .incompatible(definition.type))
        }
        guard let number = value.number else { return value }
        guard number.isFinite else { throw Unfit(reason: .incompatible(definition.type)) }
        if let range = definition.range, !range.contains(number) { throw Unfit(reason: .outOfRange(range)) }
        return value
    }
}

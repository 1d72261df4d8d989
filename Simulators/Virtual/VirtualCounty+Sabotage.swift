import Control
import Gateway
import Rules
import Telemetry

/// What the rules and the arbiter see, and how a planted bug changes it.
extension VirtualCounty {
    func view(at now: Moment) -> View {
        let view = View(life.table, at: now.monotonic)
        switch options.sabotage {
        case .staleLooksFresh:
            return View { [table = life.table] point in
                guard let state = table.state(of: point, at: now.monotonic) else { return nil }
                guard !state.reading.isGood else { return View.State(reading: state.reading, time: state.time, age: state.age) }
                guard let value = state.reading.value ?? state.lastGood?.value else { return view.state(point) }
                return View.State(reading: .good(value), time: now.wall, age: .zero)
            }
        case .selectorIsIgnored:
            return View { [directory = plan.directory] point in
                let state = view.state(point)
                guard directory[point].name.point == "selector", let state, state.reading.isGood else { return state }
                return View.State(reading: .good(.int(2)), time: state.time, age: state.age)
            }
        case .ageByWall:
            return View { [directory = plan.directory] point in
                guard let state = view.state(point), let value = state.reading.value else { return view.state(point) }
                let age = now.wall.since(state.time)
                let isOld = age > directory[point].maximumAge || age < .zero
                return View.State(reading: isOld ? .uncertain(value, .stale) : state.reading, time: state.time, age: max(age, .zero))
            }
        default: return view
        }
    }

    /// A batch in which every feedback says what its point was last commanded.
    func withEchoes(_ batch: Batch) -> Batch {
        let samples = batch.samples.map { sample in
            let follows = plan.actuators.first { $0.feedback == sample.point }
            let command = follows.flatMap { life.table.state(of: $0.point, at: moment.monotonic)?.reading }
            guard case .good(let value)? = command else { return sample }
            return Sample(point: sample.point, time: sample.time, reading: .good(value))
        }
        return Batch(device: batch.device, received: batch.received, samples: samples)
    }
}

extension VirtualCounty {
    /// The rules as the console shows them.
    var shownRules: [RuleSummary] {
        options.sabotage == .modeIsOld ? RuleEngine(rules: plan.rules).list : life.engine.list
    }
}

package import Telemetry

/// What the pages are about: the county's tree of sites and devices, in people's words.
package struct ConsolePlan: Sendable {
    /// Which page a site is on.
    package enum Trade: String, Sendable, CaseIterable, Encodable {
        case water, agriculture, sanitation
    }

    /// WGS 84, in degrees.
    package struct Place: Sendable, Hashable {
        package let longitude: Double
        package let latitude: Double

        package init(longitude: Double, latitude: Double) {
            self.longitude = longitude
            self.latitude = latitude
        }
    }

    package struct Device: Sendable {
        package let name: String
        package let title: String
        /// The profile's name, `lutan/pump`.
        package let profile: String
        package let place: Place?

        package init(name: String, title: String, profile: String, place: Place? = nil) {
            self.name = name
            self.title = title
            self.profile = profile
            self.place = place
        }
    }

    package struct Site: Sendable {
        package let name: String
        package let title: String
        package let trade: Trade
        package let town: String
        package let village: String
        package let place: Place?
        package let devices: [Device]

        package init(
            name: String, title: String, trade: Trade, town: String = "", village: String = "", place: Place? = nil,
            devices: [Device]
        ) {
            self.name = name
            self.title = title
            self.trade = trade
            self.town = town
            self.village = village
            self.place = place
            self.devices = devices
        }
    }

    package let county: String
    /// The county's time zone, an IANA name: times on the pages are the county's, wherever the reader sits.
    package let zone: String
    package let sites: [Site]
    /// The county's map as GeoJSON, sent as it is; nil if there is none.
    package let map: [UInt8]?

    package init(county: String, zone: String, sites: [Site], map: [UInt8]? = nil) {
        self.county = county
        self.zone = zone
        self.sites = sites
        self.map = map
    }
}

/// A rule as the pages show it.
package struct RuleLine: Sendable, Encodable {
    /// A level that matters to the rule, drawn beside the reading it is compared with: where a pump starts, where it stops.
    package struct Mark: Sendable, Encodable {
        /// The point it belongs to, `site/device/point`.
        package let point: String
        /// What happens there, in one word: `start`, `stop`, `high`, `low`; others are shown as they are.
        package let word: String
        /// In the point's unit.
        package let value: Double

        package init(point: String, word: String, value: Double) {
            self.point = point
            self.word = word
            self.value = value
        }
    }

    package let name: String
    package let about: String
    package let trade: String
    /// What it is doing now, in words.
    package let state: String
    package let marks: [Mark]

    package init(name: String, about: String, trade: String, state: String, marks: [Mark] = []) {
        self.name = name
        self.about = about
        self.trade = trade
        self.state = state
        self.marks = marks
    }
}

/// A point's reading in the past.
package struct HistoryRow: Sendable, Hashable {
    package let time: Timestamp
    package let reading: Reading

    package init(time: Timestamp, reading: Reading) {
        self.time = time
        self.reading = reading
    }
}

/// How the gateway itself is doing.
package struct ConsoleStatus: Sendable, Encodable {
    package struct Link: Sendable, Encodable {
        package let name: String
        package let isUp: Bool
        package let since: Timestamp
        /// Why it is down, or what it carries.
        package let text: String

        package init(name: String, isUp: Bool, since: Timestamp, text: String = "") {
            self.name = name
            self.isUp = isUp
            self.since = since
            self.text = text
        }
    }

    /// A receiver in the county, and how far it has followed.
    package struct Destination: Sendable, Encodable {
        package let name: String
        /// Samples.
        package let acknowledged: Int64
        package let pending: Int64
        package let failingSince: Timestamp?
        package let reason: String?
        /// Samples a second of a backlog, over the last minute, and when it will be through at that rate; nil where there is none.
        package let backlogRate: Double?
        package let estimatedEnd: Timestamp?

        package init(
            name: String, acknowledged: Int64, pending: Int64, failingSince: Timestamp? = nil, reason: String? = nil,
            backlogRate: Double? = nil, estimatedEnd: Timestamp? = nil
        ) {
            self.name = name
            self.acknowledged = acknowledged
            self.pending = pending
            self.failingSince = failingSince
            self.reason = reason
            self.backlogRate = backlogRate
            self.estimatedEnd = estimatedEnd
        }
    }

    package struct Trouble: Sendable, Encodable {
        package let since: Timestamp
        package let reason: String

        package init(since: Timestamp, reason: String) {
            self.since = since
            self.reason = reason
        }
    }

    /// A device as the links know it.
    package struct Device: Sendable, Encodable {
        /// `site/device`.
        package let name: String
        /// `good`, `suspect`, `down`.
        package let state: String

        package init(name: String, state: String) {
            self.name = name
            self.state = state
        }
    }

    /// What the links have done since the start.
    package struct Traffic: Sendable, Encodable {
        package let requests: Int
        package let missedTicks: Int
        package let messages: Int

        package init(requests: Int, missedTicks: Int, messages: Int) {
            self.requests = requests
            self.missedTicks = missedTicks
            self.messages = messages
        }
    }

    package let started: Timestamp
    /// Samples since the start.
    package let produced: Int64
    package let stored: Int64
    package let lost: Int64
    package let links: [Link]
    package let destinations: [Destination]
    /// Those that are polled.
    package let devices: [Device]
    package let traffic: Traffic?
    /// What keeps the store from taking commits; nil if nothing does.
    package let storeTrouble: Trouble?

    package init(
        started: Timestamp, produced: Int64, stored: Int64, lost: Int64, links: [Link] = [], destinations: [Destination] = [],
        devices: [Device] = [], traffic: Traffic? = nil, storeTrouble: Trouble? = nil
    ) {
        self.storeTrouble = storeTrouble
        self.started = started
        self.produced = produced
        self.stored = stored
        self.lost = lost
        self.links = links
        self.destinations = destinations
        self.devices = devices
        self.traffic = traffic
    }
}

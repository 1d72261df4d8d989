import Glibc

/// The county's weather in the plum rains, at 31.36° north: sun, clouds, wind, showers and, now and then, a storm.
///
/// Two plants of one seed have the same weather. The first 24 hours bring light showers only, the first not before the
/// afternoon; storms, which need the second pump, come later or when called.
package struct Weather: Sendable {
    /// Rain that swells and fades as half a sine.
    private struct Shower: Sendable {
        var begin: Double
        var duration: Double
        var peak: Double

        func rate(at time: Double) -> Double {
            let part = (time - begin) / duration
            return part > 0 && part < 1 ? peak * sin(.pi * part) : 0
        }
    }

    /// Seconds since midnight, local solar time, before the first step.
    package private(set) var seconds: Double
    /// °C, at 2 m.
    package private(set) var airTemperature = 25.0
    /// %.
    package private(set) var humidity = 75.0
    /// m/s.
    package private(set) var windSpeed = 1.8
    /// Of sun and sky on level ground, W/m².
    package private(set) var radiation = 0.0
    /// mm/h.
    package private(set) var rainRate = 0.0
    /// mm since the station was set up.
    package private(set) var rainTotal = 214.3
    /// Reference evapotranspiration, mm/h.
    package private(set) var referenceEvapotranspiration = 0.0

    private var dice: Dice
    private let firstDayEnds: Double
    private var shower: Shower
    /// 0 clear … 1 overcast.
    private var cloud = 0.35
    /// How far the air mass is from the season's mean, °C.
    private var front = 0.0
    private static let latitude = 31.36 * Double.pi / 180
    private static let hour = 3600.0

    package init(seed: UInt64, hourOfDay: Double = 9) {
        dice = Dice(seed: seed, stream: 1)
        seconds = hourOfDay * Self.hour
        firstDayEnds = (hourOfDay + 24) * Self.hour
        shower = Shower(
            begin: max(15, hourOfDay + 4) * Self.hour + dice.between(0, 3) * Self.hour,
            duration: dice.between(0.4, 1) * Self.hour, peak: dice.between(1.5, 4))
        observe()
    }

    /// A storm from now on, instead of whatever was to come next.
    package mutating func storm(peakMillimetresPerHour peak: Double, minutes: Double) {
        shower = Shower(begin: seconds, duration: max(1, minutes) * 60, peak: max(0, peak))
    }

    package mutating func step(_ dt: Double) {
        seconds += dt
        if seconds > shower.begin + shower.duration { shower = nextShower() }
        rainRate = shower.rate(at: seconds)
        rainTotal += rainRate * dt / Self.hour
        let root = dt.squareRoot()
        let sky = rainRate > 0 ? 0.95 : 0.45
        cloud = min(1, max(0, cloud + (sky - cloud) * dt / 2400 + 0.006 * root * dice.bell()))
        windSpeed = min(14, max(0, windSpeed + (1.8 - windSpeed) * dt / 600 + 0.03 * root * dice.bell()))
        front += -front * dt / 200_000 + 0.006 * root * dice.bell()
        observe()
    }

    private mutating func nextShower() -> Shower {
        // Waiting times between independent showers are exponential, 20 hours in the mean.
        let wait = min(72, -20 * log(1 - dice.unit())) * Self.hour
        let isStorm = dice.unit() < 0.3 && seconds + wait > firstDayEnds
        return Shower(
            begin: seconds + wait, duration: (isStorm ? dice.between(1, 2.5) : dice.between(0.3, 1.2)) * Self.hour,
            peak: isStorm ? dice.between(12, 22) : dice.between(1, 5))
    }

    private mutating func observe() {
        let hour = seconds / Self.hour
        // Declination and the distance to the sun on 21 June: FAO-56, equations 24 and 23.
        let declination = 0.4093
        let distance = 0.968
        let angle = (hour - 12) * .pi / 12
        let height =
            sin(Self.latitude) * sin(declination) + cos(Self.latitude) * cos(declination) * cos(angle)
        let clear = max(0, 0.75 * 1367 * distance * height)
        let cloudless = 1 - 0.67 * pow(cloud, 3.4)
        radiation = clear * cloudless
        let swing = 4.5 * cos((hour - 15) * .pi / 12) * (1 - 0.5 * cloud)
        airTemperature = 25.5 + front + swing - 2 * min(1, rainRate / 10)
        let dew = min(airTemperature, 20.5 + 0.6 * front + (rainRate > 0 ? 2.5 : 0))
        let vapour = Evapotranspiration.saturation(T: dew)
        humidity = min(100, max(20, 100 * vapour / Evapotranspiration.saturation(T: airTemperature)))
        let net = Evapotranspiration.Rn(
            Rs: radiation * 0.0036, cloudless: cloudless, T: airTemperature, ea: vapour)
        let ground = net * (clear > 0 ? 0.1 : 0.5)  // equations 45 and 46
        referenceEvapotranspiration = max(
            0, Evapotranspiration.ETo(Rn: net, G: ground, T: airTemperature, u2: windSpeed, ea: vapour))
    }
}

// swift-format-ignore-file: AlwaysUseLowerCamelCase
import Glibc

/// FAO-56 (Allen et al. 1998), as far as a simulated field needs it; the symbols are the paper's.
package enum Evapotranspiration {
    /// Saturation vapour pressure at `T` °C, in kPa. Equation 11.
    package static func saturation(T: Double) -> Double { 0.6108 * exp(17.27 * T / (T + 237.3)) }

    /// Slope of the saturation vapour pressure curve at `T` °C, in kPa/°C. Equation 13.
    package static func slope(T: Double) -> Double {
        4098 * saturation(T: T) / ((T + 237.3) * (T + 237.3))
    }

    /// Reference evapotranspiration of a grass surface, in mm/h, at sea level. Equation 53 (hourly Penman–Monteith).
    ///
    /// `Rn`, `G` in MJ·m⁻²·h⁻¹; `T` in °C and `u2` in m/s, both at 2 m; `ea` in kPa.
    package static func ETo(Rn: Double, G: Double, T: Double, u2: Double, ea: Double) -> Double {
        let γ = 0.0674
        let Δ = slope(T: T)
        let radiation = 0.408 * Δ * (Rn - G)
        let wind = γ * 37 / (T + 273) * u2 * (saturation(T: T) - ea)
        return (radiation + wind) / (Δ + γ * (1 + 0.34 * u2))
    }

    /// Net radiation, in MJ·m⁻²·h⁻¹, from the sun's and from that of a clear sky in the same unit. Equations 38, 39, 40.
    ///
    /// - Parameter cloudless: Rs/Rso, from 0.33 to 1; at night that of the late afternoon.
    package static func Rn(Rs: Double, cloudless: Double, T: Double, ea: Double) -> Double {
        let kelvin = T + 273.16
        let σ = 2.043e-10
        let Rnl = σ * kelvin * kelvin * kelvin * kelvin * (0.34 - 0.14 * ea.squareRoot()) * (1.35 * cloudless - 0.35)
        return 0.77 * Rs - Rnl
    }
}

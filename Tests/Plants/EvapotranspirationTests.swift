// swift-format-ignore-file: AlwaysUseLowerCamelCase
import Plants
import Testing

@Suite("Evapotranspiration")
struct EvapotranspirationTests {
    /// FAO-56, tables 2.3 and 2.4.
    @Test("vapour pressure and its slope are FAO-56's tables")
    func tables() {
        #expect(abs(Evapotranspiration.saturation(T: 24.5) - 3.075) < 0.001)
        #expect(abs(Evapotranspiration.slope(T: 30) - 0.243) < 0.001)
    }

    /// FAO-56, example 19: N'Diaye on 1 October, from 14 to 15 h and from 2 to 3 h.
    @Test("an hour of sun and an hour of night give what FAO-56, example 19, gives")
    func example19() {
        let ea = Evapotranspiration.saturation(T: 38) * 0.52
        let Rn = Evapotranspiration.Rn(Rs: 2.450, cloudless: 0.922, T: 38, ea: ea)
        #expect(abs(Rn - 1.749) < 0.002)
        let day = Evapotranspiration.ETo(Rn: Rn, G: 0.1 * Rn, T: 38, u2: 3.3, ea: ea)
        #expect(abs(day - 0.63) < 0.005)
        let night = Evapotranspiration.ETo(
            Rn: -0.100, G: -0.050, T: 28, u2: 1.9, ea: Evapotranspiration.saturation(T: 28) * 0.90)
        #expect(abs(night) < 0.005)
    }
}

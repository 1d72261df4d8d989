import Plants
import Testing

@Suite("Dice")
struct DiceTests {
    /// The first numbers of pcg32-demo (pcg-random.org), seed 42, stream 54.
    @Test("PCG32 rolls what its authors published")
    func published() {
        var dice = Dice(seed: 42, stream: 54)
        let rolls = (0..<6).map { _ in dice.roll() }
        #expect(rolls == [0xa15c_02b7, 0x7b47_f409, 0xba1d_3330, 0x83d2_f293, 0xbfa4_784b, 0xcbed_606e])
    }
}

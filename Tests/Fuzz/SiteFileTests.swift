import Documents
import FoundationEssentials
import Gateway
import Testing

@Suite("A site's file that is nearly sound")
struct SiteFileTests {
    @Test("is read or has mistakes, each at a place in it", arguments: 1...8 as ClosedRange<UInt64>)
    func nearly(seed: UInt64) throws {
        let path = root + "/Simulators/county/site.yaml"
        let sound = Array(try #require(FileManager.default.contents(atPath: path)))
        var mutator = Mutator(seed: seed)
        var wrong = 0
        for _ in 0..<60 {
            let text = String(decoding: mutator.mutant(of: [sound]), as: UTF8.self)
            let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).count
            let mistakes = Mistakes()
            let file = SiteFile(yaml: text, file: "site.yaml", into: mistakes)
            #expect(file != nil || !mistakes.isEmpty)
            for mistake in mistakes.sorted {
                #expect(!mistake.message.isEmpty && mistake.place.column >= 1)
                #expect((1...lines + 1).contains(mistake.place.line), "\(mistake)")
            }
            if !mistakes.isEmpty { wrong += 1 }
        }
        #expect(wrong > 10)
    }
}

import Alarms
import Documents
import Foundation
import Gateway
import Profiles
import Rules
import Testing

@Suite("the samples in the docs")
struct DocsTests {
    /// The YAML blocks of a page that begin with a word, without their indentation.
    private func samples(of page: String, beginning word: String) throws -> [String] {
        let text = try String(contentsOf: CheckTests.root.appending(path: page), encoding: .utf8)
        return text.components(separatedBy: "```").enumerated().filter { !$0.offset.isMultiple(of: 2) }.compactMap { block in
            let lines = block.element.components(separatedBy: "\n").dropFirst()
            let margin = lines.first?.prefix { $0 == " " }.count ?? 0
            let sample = lines.map { String($0.dropFirst(min(margin, $0.prefix { $0 == " " }.count))) }.joined(separator: "\n")
            return sample.hasPrefix(word) ? sample : nil
        }
    }

    @Test("profiles are profiles")
    func profiles() throws {
        let mistakes = Mistakes()
        let found = try samples(of: "docs/add-a-device.md", beginning: "profile:")
        for sample in found { #expect(Profiles.read(yaml: sample, file: "docs", name: "acme/hp200", into: mistakes) != nil) }
        #expect(found.count == 1 && mistakes.isEmpty, "\(mistakes.sorted)")
    }

    @Test("alarms are alarms of the simulated county")
    func alarms() throws {
        let (plan, _) = SitePlan.load(CheckTests.root.appending(path: "Simulators/county/site.yaml").path)
        let county = try #require(plan)
        let mistakes = Mistakes()
        let parent = try String(contentsOf: CheckTests.root.appending(path: "Rules/water/xinzhuang-offline.yaml"), encoding: .utf8)
        let found = try samples(of: "docs/alarms.md", beginning: "alarm:")
        let files = [("water/xinzhuang-offline", "offline", parent)] + found.map { ("water/pump-silent", "docs", $0) }
        let alarms = AlarmFiles.read(files, directory: county.directory, into: mistakes)
        #expect(found.count == 1 && mistakes.isEmpty, "\(mistakes.sorted)")
        #expect(alarms.map(\.name).suffix(2) == (1...2).map { "water/pump-silent#xinzhuang-pump/pump-\($0)/running" })
    }

    @Test("rules are rules of the simulated county")
    func rules() throws {
        let (plan, _) = SitePlan.load(CheckTests.root.appending(path: "Simulators/county/site.yaml").path)
        let context = RuleContext(directory: try #require(plan).directory)
        let mistakes = Mistakes()
        let found = try samples(of: "docs/write-a-rule.md", beginning: "rule:")
        for sample in found {
            let rule = RuleFiles.read(
                yaml: sample, file: "docs", name: "agriculture/dry-soil", kinds: SitePlan.ruleKinds, context: context, into: mistakes)
            #expect(rule?.judges.count == 4)
        }
        #expect(found.count == 1 && mistakes.isEmpty, "\(mistakes.sorted)")
    }

    @Test("guards are guards of the simulated county")
    func guards() throws {
        let (plan, _) = SitePlan.load(CheckTests.root.appending(path: "Simulators/county/site.yaml").path)
        let context = RuleContext(directory: try #require(plan).directory)
        let mistakes = Mistakes()
        let found = try samples(of: "docs/guard-a-pump.md", beginning: "guard:")
        for sample in found {
            let file = GuardFiles.read(yaml: sample, file: "docs", name: "water/xinzhuang-guards", context: context, into: mistakes)
            #expect(file?.points.count == 2 && file?.feeders.count == 1)
        }
        #expect(found.count == 1 && mistakes.isEmpty, "\(mistakes.sorted)")
    }
}

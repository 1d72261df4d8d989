import ArgumentParser
import Gateway

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Judges the site file, its profiles and its rules at once, and opens nothing.",
        discussion: "Every mistake is printed as file:line:column: error: what is wrong. The exit status is 1 if there is any.")

    @OptionGroup var site: SiteOption

    func run() throws {
        let plan = try site.plan { print($0) }
        for busTime in plan.busTimes { print("\(busTime)") }
        for warning in plan.warnings { print("warning: \(warning)") }
        print("\(site.config): no mistakes (\(plan.summary))")
    }
}

extension SiteOption {
    /// The plan, or every mistake told and exit status 1.
    func plan(tell: (String) -> Void = printError) throws -> SitePlan {
        let (plan, mistakes) = SitePlan.load(config)
        guard let plan else {
            for mistake in mistakes { tell("\(mistake)") }
            printError("\(mistakes.count) \(mistakes.count == 1 ? "mistake" : "mistakes")")
            throw ExitCode(1)
        }
        return plan
    }
}

import Foundation
import Gateway
import Testing
import VirtualCounty

/// The county's site files, and simulations of them.
enum Simulation {
    static let isLong = ProcessInfo.processInfo.environment["HEADGATE_LONG"] != nil
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// - Parameter file: `site` for the whole county, `station` for its pump station.
    static func plan(_ file: String) throws -> SitePlan {
        let (plan, mistakes) = SitePlan.load(root.appending(path: "Simulators/county/\(file).yaml").path)
        return try #require(plan, "the county's configuration: \(mistakes)")
    }

    /// A county in which things go wrong.
    static func county(_ plan: SitePlan, seed: UInt64, without guarded: Sabotage? = nil) -> VirtualCounty {
        var options = VirtualCounty.Options(seed: seed)
        options.hasFaults = true
        options.sabotage = guarded
        return VirtualCounty(plan, options)
    }
}

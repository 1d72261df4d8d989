package import Documents
import Telemetry

extension RuleDraft {
    /// The point a form derives, named by its key `point`: by its own word if the rule is made for devices. Notes what is wrong
    /// with the name, and a point that something else makes already.
    package func derived(_ text: String, in form: Form, of subject: Subject) -> Derived? {
        let place = form.place(of: "point")
        let directory = context.directory
        guard let name = DerivedPoints.name(text, of: subject, directory) else {
            let hint = subject.device == nil && !text.contains("/") ? ", site/device/point, since the rule has no 'for-each'" : ""
            mistakes.add("'\(text)' cannot name a point\(hint)", at: place)
            return nil
        }
        guard let point = directory.id(of: name) else {
            let devices = directory.devices.map { "\($0.site)/\($0.name)" }
            let device = "\(name.site)/\(name.device)"
            let message =
                devices.contains(device)
                ? "'\(name)' is not among the site's points"
                : "there is no device '\(device)' that could have '\(name.point)'" + suggestion(for: device, among: devices)
            mistakes.add(message, at: place)
            return nil
        }
        guard let file = context.derived.file(of: name) else {
            mistakes.add("'\(name)' is read from its device, and cannot be derived as well", at: place)
            return nil
        }
        guard file == place.file else {
            mistakes.add("'\(name)' is derived in \(file) too", at: place)
            return nil
        }
        return Derived(point: point, maximumAge: directory[point].maximumAge, place: place)
    }
}

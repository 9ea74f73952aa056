// The user's choice of foreground, and the record of the decision.
import Imaging

/// What is foreground, as the user says.
public enum MaskChoice: Sendable, Equatable {
    /// The masks' own values decide.
    case automatic
    /// This value and larger ones.
    case threshold(Int)
    /// These values or palette indexes.
    case values([Int])
    /// These colours.
    case colours([MaskColour])
}

/// What was decided about a data set's masks.
public struct MaskReport: Codable, Sendable, Equatable {
    /// A sentence without its first word: "values 0 and 1, foreground is 1, in 6 files".
    public var text: String
    /// Mask files that were looked at.
    public var files: Int
    /// Samples without any foreground, and without any background.
    public var empty: Int
    public var full: Int
    /// Samples whose several masks are united.
    public var united: Int?
    /// The rule, if a threshold on 8-bit grey is not enough.
    public var rule: MaskRule?

    /// Lines for people.
    public var lines: [String] {
        let counts = [(empty, "without foreground"), (full, "without background")].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return ["masks: \(text)"] + (counts.isEmpty ? [] : ["masks: " + counts.joined(separator: ", ")])
            + (united.map { ["masks: \($0) image\($0 == 1 ? " has" : "s have") several masks, which are united"] } ?? [])
    }
}

// Every mistake in a plan, or in how it is asked for. The texts are in PlanError+Description.swift.
import Files

public enum PlanError: UserFacingError, Equatable {
    case file(FileError)
    case notJSON(path: String, line: Int, column: Int, found: String)
    case repeatedKey(path: String, line: Int, key: String)
    /// `place` is "the plan", "setting dice" or the like; `nearest` is a key that was probably meant.
    case unknownKey(path: String, line: Int, place: String, key: String, expected: [String], nearest: String?)
    case missingKey(path: String, line: Int, place: String, key: String, expected: String)
    case wrongValue(path: String, line: Int, key: String, found: String, expected: String)
    /// An option that a plan may not give; `known` are those that it may.
    case unknownOption(path: String, line: Int, option: String, known: [String], nearest: String?)
    /// An option with a key of its own, or one that belongs to the command line.
    case reservedOption(path: String, line: Int, option: String, cure: String)
    /// A setting gives an option that `varies` does not name.
    case notVaried(path: String, line: Int, setting: String, option: String, varies: [String])
    /// All settings have an option that `varies` names.
    case variedInCommon(path: String, line: Int, option: String)
    /// `varies` names an option that no setting gives.
    case variesNothing(path: String, line: Int, option: String)
    /// Two runs would have the same folder.
    case sameName(path: String, line: Int, name: String)
    /// Train refuses a setting's options.
    case refused(path: String, line: Int, setting: String, reason: String)
    /// The command line gives an option in which the settings differ.
    case overridesVaried(path: String, option: String, key: String?)
    /// A run's metrics.csv lacks columns.
    case metrics(path: String, missing: [String])

    public var kind: FailureKind { if case .file(let error) = self { error.kind } else { .usage } }
}

// The texts of PlanError: the file and line, what was found, what was expected, what to do.
import Files

extension PlanError {
    public var description: String {
        switch self {
        case .file(let error): return "\(error)"
        case .notJSON(let path, let line, let column, let found):
            return "\(path), line \(line), column \(column): not JSON: \(found)"
        case .repeatedKey(let path, let line, let key):
            return "\(path), line \(line): the key \"\(key)\" is there twice in one object; keep one"
        case .unknownKey(let path, let line, let place, let key, let expected, let nearest):
            return "\(path), line \(line): unknown key \"\(key)\" in \(place)" + Self.hint(nearest)
                + "; expected \(ListText.joined(expected, none: "none"))"
        case .missingKey(let path, let line, let place, let key, let expected):
            return "\(path), line \(line): \(place) has no \"\(key)\"; expected \(expected)"
        case .wrongValue(let path, let line, let key, let found, let expected):
            return "\(path), line \(line): \"\(key)\" is \(found); expected \(expected)"
        case .unknownOption(let path, let line, let option, let known, let nearest):
            return "\(path), line \(line): \"\(option)\" is no option that a plan may give" + Self.hint(nearest)
                + "; expected one of \(ListText.joined(known, none: "none"))"
        case .reservedOption(let path, let line, let option, let cure):
            return "\(path), line \(line): \"\(option)\" is no option of a plan; \(cure)"
        case .notVaried(let path, let line, let setting, let option, let varies):
            return "\(path), line \(line): setting \(setting) gives \"\(option)\", which \"varies\" does not name (it names "
                + "\(ListText.joined(varies, none: "nothing"))); add it there, or give it to all settings in the plan's \"options\""
        case .variedInCommon(let path, let line, let option):
            return
                "\(path), line \(line): \"\(option)\" is in \"varies\", so the plan's \"options\" cannot give it to all settings; give it "
                + "in the settings"
        case .variesNothing(let path, let line, let option):
            return "\(path), line \(line): \"varies\" names \"\(option)\", but no setting gives it; give it in a setting, or take it out"
        case .sameName(let path, let line, let name):
            return
                "\(path), line \(line): two runs would have the folder \"\(name)\"; give each setting a name of its own (upper and lower "
                + "case count as the same)"
        case .refused(let path, let line, let setting, let reason):
            return "\(path), line \(line): setting \(setting): train refuses its options: \(reason)"
        case .overridesVaried(let path, let option, let key):
            return "--\(option)\(key.map { " " + $0 } ?? "") is what the settings of \(path) differ in, so it cannot be the same for all; "
                + "leave it out"
        case .metrics(let path, let missing):
            return "\(path): no column \(ListText.joined(missing, none: "that is needed")) in its first line; it was not written by "
                + "train, or by an older one"
        }
    }

    private static func hint(_ word: String?) -> String { word.map { "; did you mean \($0)?" } ?? "" }
}

// The texts of NPYError: what was found, what was expected, what to do.

extension NPYError {
    public var description: String {
        switch self {
        case .file(let error): return "\(error)"
        case .notNPY(let path, let looksLike):
            return "\(path): not a .npy file\(looksLike.map { ", but \($0)" } ?? ""); expected one array as numpy.save writes it"
        case .version(let path, let found):
            return "\(path): .npy of version \(found); expected 1.0, 2.0 or 3.0, as numpy.save writes it"
        case .header(let path, let reason):
            return "\(path): the header of the .npy file cannot be read: \(reason); expected one as numpy.save writes it"
        case .otherType(let path, let found, let expected, let cure): return "\(path): holds \(found), expected \(expected); \(cure)"
        case .otherLength(let path, let found, let expected, let array):
            return
                "\(path): \(found < expected ?? .max ? "cut off" : "too long"): \(found) bytes of values, but its header says \(array), "
                + "which is \(expected.map { "\($0) bytes" } ?? "more than is read"); save the array again"
        case .otherShape(let path, let found, let expected, let cure):
            return "\(path): an array of shape \(found), expected \(expected)\(cure.isEmpty ? "" : "; " + cure)"
        case .badValue(let path, let place, let value, let expected):
            return "\(path): the value at \(place) is \(value); expected \(expected)"
        case .notFinite(let path, let place, let value):
            return "\(path): the value at \(place) is \(value); expected finite numbers"
        }
    }
}

// What stops the reading of a .npy file. The texts are in NPYError+Description.swift.
import Files

public enum NPYError: UserFacingError {
    case file(FileError)
    /// Not a .npy file; `looksLike` names the format of its first bytes, if known.
    case notNPY(path: String, looksLike: String?)
    case version(path: String, found: String)
    /// The header cannot be read.
    case header(path: String, reason: String)
    /// Values of another type.
    case otherType(path: String, found: String, expected: String, cure: String)
    /// The values are fewer or more bytes than type and shape say; nil: more than any file that is read.
    case otherLength(path: String, found: Int, expected: Int?, array: String)
    /// Another shape.
    case otherShape(path: String, found: String, expected: String, cure: String)
    /// A value that is not allowed.
    case badValue(path: String, place: String, value: String, expected: String)
    /// A value that is NaN or infinite.
    case notFinite(path: String, place: String, value: String)

    public var kind: FailureKind { if case .file(let error) = self { error.kind } else { .usage } }
}

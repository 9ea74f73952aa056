// The errors of this library, one case each, with the values for the message. The texts are in WeightFileError+Description.swift.
import Files

public enum WeightFileError: UserFacingError {
    /// The file could not be read or written.
    case file(FileError)
    /// The content is no supported format; `found` says what it looks like.
    case unrecognised(path: String, found: String)
    /// A PyTorch file from before version 1.6 (or saved with the old format on purpose).
    case legacyPyTorch(path: String, layout: String)
    /// The file breaks its own format: truncated, flipped bytes, offsets out of range.
    case damaged(path: String, place: String, found: String, expected: String)
    /// The file is valid but exceeds a limit of this library.
    case limit(path: String, what: String, found: Int, limit: Int)
    /// The file uses a part of its format that this library does not read.
    case unsupported(path: String, place: String, found: String, advice: String)
    /// A PyTorch file that holds something other than a dictionary of tensors.
    case notAStateDictionary(path: String, found: String)
    /// A PyTorch state dictionary that contains an object which is neither a tensor nor plain data.
    case foreignObject(path: String, name: String, className: String)
    /// The file has no tensor of that name.
    case unknownTensor(path: String, name: String, similar: [String])
    /// A folder without weights under a usual name; `others` are files in it that may hold weights.
    case noWeights(folder: String, others: [String])
    /// Files that an index names do not exist.
    case partsMissing(path: String, names: [String], count: Int)
    /// An index names a file for a tensor, but the file does not contain it.
    case notInPart(path: String, name: String, part: String)
    /// The tensor's numbers cannot be converted to the requested type.
    case conversion(path: String, name: String, type: ElementType, wanted: String)
    /// The caller's buffer does not match the tensor.
    case bufferSize(path: String, name: String, found: Int, expected: Int)
    /// The tensors given to the writer do not form a valid file.
    case unwritable(path: String, name: String, problem: String)

    public var kind: FailureKind {
        switch self {
        case .file(let error): error.kind
        case .unwritable: .environment
        default: .usage
        }
    }
}

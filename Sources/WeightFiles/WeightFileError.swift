// The mistakes this library can meet, one case each, with what a message needs. The text is in WeightFileError+Description.swift.
import Files

public enum WeightFileError: UserFacingError {
    /// The file could not be read or written.
    case file(FileError)
    /// The content is none of the formats this library reads; `found` says what it looks like.
    case unrecognised(path: String, found: String)
    /// A PyTorch file from before version 1.6 (or saved with the old format on purpose).
    case legacyPyTorch(path: String, layout: String)
    /// The file breaks its own format: cut short, flipped bytes, offsets out of range.
    case damaged(path: String, place: String, found: String, expected: String)
    /// The file is sound but beyond what this library accepts.
    case limit(path: String, what: String, found: Int, limit: Int)
    /// The file uses a part of its format that this library does not read.
    case unsupported(path: String, place: String, found: String, advice: String)
    /// A PyTorch file that holds something other than a dictionary of tensors.
    case notAStateDictionary(path: String, found: String)
    /// A PyTorch state dictionary with an object in it that is neither a tensor nor plain data.
    case foreignObject(path: String, name: String, className: String)
    /// No tensor of that name in the file.
    case unknownTensor(path: String, name: String, similar: [String])
    /// A folder without weights under a usual name; `others` are its files that may hold some.
    case noWeights(folder: String, others: [String])
    /// Files that an index names are not there.
    case partsMissing(path: String, names: [String], count: Int)
    /// An index names a file for a tensor, which does not hold it.
    case notInPart(path: String, name: String, part: String)
    /// The tensor's numbers have no value of the type asked for.
    case conversion(path: String, name: String, type: ElementType, wanted: String)
    /// The caller's buffer does not match the tensor.
    case bufferSize(path: String, name: String, found: Int, expected: Int)
    /// The tensors given to the writer cannot make a file.
    case unwritable(path: String, name: String, problem: String)

    public var kind: FailureKind {
        switch self {
        case .file(let error): error.kind
        case .unwritable: .environment
        default: .usage
        }
    }
}

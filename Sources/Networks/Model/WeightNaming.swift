// The weight files that a network can load: checkpoints of its own, under any prefix, and files of one part with their own names, such as a
// pretrained image encoder.
import WeightFiles

public struct WeightNaming: Sendable {
    /// For `train models`: "checkpoints of UA-VLS, published or of this program".
    public let title: String
    /// Finds the part in a file's names; nil for checkpoints of the whole network.
    let part: (@Sendable (_ names: [String]) -> ForeignPart?)?

    public init(whole title: String) {
        self.title = title
        part = nil
    }

    init(part title: String, _ find: @escaping @Sendable (_ names: [String]) -> ForeignPart?) {
        self.title = title
        part = find
    }
}

/// A part of a network as a foreign file holds it.
struct ForeignPart {
    /// For the user: "the image encoder alone, in the names of timm".
    let description: String
    /// The prefix of the file's names.
    let prefix: String
    /// Tensors whose names were understood.
    let matches: Int
    /// Entries of the network with this prefix must all be in the file.
    let entries: String
    /// The expected file, for the message: "a whole ConvNeXt-Tiny".
    let expected: String
    /// Whether tensors of other shapes than the network's are left out with a note, as published; otherwise they are refused.
    var dropsOtherShapes = false
    /// The network's entries that take the value of a tensor of the file; nil for a tensor that does not belong to the part.
    let own: (String) -> [String]?
    /// Throws if the file's part has another size.
    let check: (any SegmentationModel, WeightFile) throws(NetworkError) -> Void
}

// The weight files that a network takes values from: checkpoints of its own, under any prefix, and files of a part of it under names of
// their own, such as a pretrained image encoder.
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
    /// For a person: "the image encoder alone, in the names of timm".
    let description: String
    /// In front of the file's names.
    let prefix: String
    /// Tensors whose names were understood.
    let matches: Int
    /// Entries of the network that begin with this must all be in the file.
    let entries: String
    /// Words for a whole one of its kind: "a whole ConvNeXt-Tiny".
    let expected: String
    /// Whether tensors of other shapes than the network's are left out and said, as published; refused otherwise.
    var dropsOtherShapes = false
    /// The network's names for a tensor of the file, all of which take its value; nil for what is none of the part.
    let own: (String) -> [String]?
    /// Throws where the file's part is of another size.
    let check: (any SegmentationModel, WeightFile) throws(NetworkError) -> Void
}

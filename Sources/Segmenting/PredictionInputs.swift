// What a prediction is made from: a picture, or an array that is a network's input as it is; a caption, tokens, or text features. Arrays
// serve checks against other implementations. Not for sizes that depend on the network: Predictor compares those.
// Shape letters: H W rows and columns, N text tokens, D text width.
import Files
import Networks
import NumPyFiles
import Text

public enum PredictionImage: Sendable {
    /// A picture's file of any size.
    case picture(String)
    case array(ImageArray)

    /// A .npy file by its name's ending or by its first bytes, else a picture.
    public init(path: String) throws(SegmentingError) {
        guard path.lowercased().hasSuffix(".npy") || Self.beginsAsArray(path) else {
            self = .picture(path)
            return
        }
        self = .array(try SegmentingError.arrays { () throws(NPYError) in try ImageArray(path: path) })
    }

    private static func beginsAsArray(_ path: String) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 6)
        guard FileIO.isFile(path), let size = try? FileIO.size(path), size >= bytes.count else { return false }
        bytes.withUnsafeMutableBytes { try? FileIO.read(path, filling: $0) }
        return NPYArray.isNPY(bytes)
    }
}

/// An image as a network takes it: normalised and resized, its channels in the network's own order.
public struct ImageArray: Sendable {
    public let path: String
    public let height: Int, width: Int
    /// [H,W,3].
    public let values: [Float]
    /// The largest side.
    static let limit = 4096

    init(path: String) throws(NPYError) {
        let array = try NPYArray(path), shape = array.shape, wanted = "(H, W, 3)"
        func refused(_ cure: String) -> NPYError {
            .otherShape(path: path, found: NPYArray.text(shape), expected: wanted, cure: cure)
        }
        // Checks type and length first, because the shape of another type does not matter.
        let values = try array.finiteFloat32()
        if shape.count == 4, shape[0] == 1 { throw refused("give one image without the batch dimension, array[0]") }
        if shape.count == 2 || shape.count == 3 && shape[2] == 1 { throw refused("repeat a grey image's channel three times") }
        if shape.count == 3, shape[2] != 3, shape[0] == 3 { throw refused("put the channels last, array.transpose(1, 2, 0)") }
        guard shape.count == 3, shape[2] == 3 else { throw refused("give rows, columns and three channels") }
        guard shape.prefix(2).allSatisfy({ (1...Self.limit).contains($0) }) else {
            throw refused("H and W must be from 1 to \(Self.limit)")
        }
        self.path = path
        self.values = values
        (height, width) = (shape[0], shape[1])
    }
}

public enum PredictionText: Sendable {
    case none
    case caption(String)
    /// [N,D].
    case features([Float], TextShape, path: String)
    /// From the files of token ids and of their mask.
    case tokens(TokenSequence, path: String)

    /// Files whose values go into the network as they are.
    var arrays: [String] { if case .features(_, _, let path) = self { [path] } else { [] } }

    /// - Parameter path: float32 [N,D], as the text encoder gives them.
    public static func features(path: String) throws(SegmentingError) -> PredictionText {
        try SegmentingError.arrays { () throws(NPYError) in
            let array = try NPYArray(path), shape = array.shape, values = try array.finiteFloat32()
            guard shape.count == 2, values.count > 0 else {
                throw .otherShape(
                    path: path, found: NPYArray.text(shape), expected: "(N, D)",
                    cure: shape.count == 3 && shape[0] == 1
                        ? "give one caption's features without the batch dimension, array[0]"
                        : "give a row of features for each token of the caption")
            }
            return .features(values, TextShape(tokens: shape[0], width: shape[1]), path: path)
        }
    }

    /// - Parameters:
    ///   - path: int32 [N], token ids.
    ///   - mask: int32 [N], 1 for a token, 0 for padding.
    public static func tokens(path: String, mask: String) throws(SegmentingError) -> PredictionText {
        try SegmentingError.arrays { () throws(NPYError) in
            let ids = try numbers(path), flags = try numbers(mask)
            guard ids.count == flags.count else {
                throw .otherShape(
                    path: mask, found: NPYArray.text([flags.count]), expected: "\(NPYArray.text([ids.count])), the shape of \(path)",
                    cure: "")
            }
            if let index = flags.firstIndex(where: { $0 != 0 && $0 != 1 }) {
                throw .badValue(
                    path: mask, place: "[\(index)]", value: "\(flags[index])", expected: "1 for a token and 0 for padding")
            }
            guard flags.contains(1) else {
                throw .badValue(path: mask, place: "every place", value: "0", expected: "1 for a token and 0 for padding")
            }
            return .tokens(TokenSequence(ids: ids, attention: flags.map { UInt8($0) }), path: path)
        }
    }

    private static func numbers(_ path: String) throws(NPYError) -> [Int32] {
        let array = try NPYArray(path), values = try array.int32()
        guard array.shape.count == 1, !values.isEmpty else {
            throw .otherShape(
                path: path, found: NPYArray.text(array.shape), expected: "(N,)",
                cure: array.shape.count == 2 && array.shape[0] == 1
                    ? "give one caption without the batch dimension, array[0]" : "give a number for each token of the caption")
        }
        return values
    }
}

// What a checkpoint says about itself in the safetensors header: enough to rebuild the model and to refuse another text encoder.
// Published checkpoints have no metadata: they are read as the published network.
import Files
import Foundation
import Networks

public struct CheckpointMetadata: Sendable, Equatable {
    public static let format = "swift-vlseg"
    public static let formatVersion = "1"
    public var model: ModelSpecification
    /// The text encoder's folder as the user gave it to train; nil for the untrained encoder.
    public var textEncoder: String?
    /// The text encoder that computed the features: the hash of its weights, or "untrained"; nil for a network that reads no text.
    public var textEncoderIdentity: String?
    public var vocabularySHA256: String?
    /// 1 if the training images were grey, 3 if they had colour.
    public var channels: Int
    /// Height and width of the training images.
    public var imageSize: Int
    /// Number of lower bits that the 16-bit training images used; nil if all 16, or if there were no 16-bit images.
    public var imageBits: Int?
    public var step: Int
    public var epoch: Int
    public var validationLoss: Double?
    /// The version of the program that began the run; nil in older checkpoints.
    public var programVersion: String?

    public init(
        model: ModelSpecification, textEncoder: String?, textEncoderIdentity: String?, vocabularySHA256: String?, channels: Int,
        imageSize: Int,
        imageBits: Int? = nil, step: Int = 0, epoch: Int = 0, validationLoss: Double? = nil, programVersion: String? = nil
    ) {
        self.imageBits = imageBits
        self.programVersion = programVersion
        self.model = model
        self.textEncoder = textEncoder
        self.textEncoderIdentity = textEncoderIdentity
        self.vocabularySHA256 = vocabularySHA256
        self.channels = channels
        self.imageSize = imageSize
        self.step = step
        self.epoch = epoch
        self.validationLoss = validationLoss
    }

    public var dictionary: [String: String] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        var result = [
            "format": Self.format, "formatVersion": Self.formatVersion, "channels": "\(channels)", "imageSize": "\(imageSize)",
            "step": "\(step)", "epoch": "\(epoch)",
        ]
        if let data = try? encoder.encode(model), let text = String(data: data, encoding: .utf8) { result["model"] = text }
        if let textEncoderIdentity { result["textEncoderIdentity"] = textEncoderIdentity }
        if let programVersion { result["programVersion"] = programVersion }
        if let textEncoder { result["textEncoder"] = textEncoder }
        if let vocabularySHA256 { result["vocabularySha256"] = vocabularySHA256 }
        if let imageBits { result["imageBits"] = "\(imageBits)" }
        if let validationLoss { result["validationLoss"] = "\(validationLoss)" }
        return result
    }

    /// Nil if this program did not write the file.
    public init?(_ dictionary: [String: String], path: String) throws(TrainingError) {
        guard dictionary["format"] == Self.format else { return nil }
        if dictionary["formatVersion"] == nil, dictionary["model"] == nil, dictionary["step"] != nil {
            let run = RunFolder(FileIO.parent(of: path))
            throw .noCheckpoint(path: path, best: FileIO.exists(run.best) ? run.best : nil)
        }
        guard dictionary["formatVersion"] == Self.formatVersion else {
            throw .foreignRun(
                path: path, reason: "it is a checkpoint of version \(dictionary["formatVersion"] ?? "none"), expected \(Self.formatVersion)"
            )
        }
        guard let text = dictionary["model"], let model = try? JSONDecoder().decode(ModelSpecification.self, from: Data(text.utf8)) else {
            throw .foreignRun(path: path, reason: "its header's \"model\" entry cannot be read")
        }
        let descriptor = try TrainingError.wrapping { () throws(NetworkError) in try ModelZoo.descriptor(of: model, path: path) }
        let image = descriptor.image(model)
        guard let channels = dictionary["channels"].flatMap(Int.init), channels == 1 || channels == 3,
            let imageSize = Int(dictionary["imageSize"] ?? "\(image.size)"), imageSize > 0,
            imageSize % image.multiple == 0
        else { throw .foreignRun(path: path, reason: "its header's \"channels\" or \"imageSize\" entry cannot be read") }
        self.init(
            model: model, textEncoder: dictionary["textEncoder"], textEncoderIdentity: dictionary["textEncoderIdentity"],
            vocabularySHA256: dictionary["vocabularySha256"], channels: channels, imageSize: imageSize,
            imageBits: dictionary["imageBits"].flatMap(Int.init).flatMap { (8...15).contains($0) ? $0 : nil },
            step: dictionary["step"].flatMap(Int.init) ?? 0,
            epoch: dictionary["epoch"].flatMap(Int.init) ?? 0, validationLoss: dictionary["validationLoss"].flatMap(Double.init),
            programVersion: dictionary["programVersion"])
    }
}

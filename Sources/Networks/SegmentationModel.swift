// UA-VLS: ConvNeXt image encoder, three text-guided decoder stages, head (docs/models/ua-vls.md). Text arrives as frozen features (TextEncoder).
import Tensors

/// Everything that decides the model's shape. The defaults are the published model; the switches are those of the paper's Table 2.
public struct ModelConfiguration: Codable, Sendable, Equatable {
    public var encoder = ConvNeXtConfiguration()
    /// D and N of the text features [B, N, D].
    public var textWidth = 768
    public var tokens = 24
    /// Positions the text is mixed down to in the three decoder stages.
    public var textPositions = [24, 12, 9]
    public var dropout: Float = 0.1
    /// Off: no text reaches the image.
    public var useMoDAB = true
    public var mixer = TextMixer.ssmix
    public var fusion = TextFusion.attention

    public init() {}
}

public final class SegmentationModel {
    /// Height and width of images must be multiples of this, the encoder's total stride.
    public static let sizeMultiple = 32

    public let configuration: ModelConfiguration
    /// How activations are stored; bf16 keeps float32 master weights, statistics, text mixing and loss.
    public let activations: NumberFormat
    public let parameters: ParameterStore
    public var backend: any Backend { parameters.backend }
    private let encoder: ConvNeXt
    private let stages: [DecoderStage]
    private let head: Head
    private let positions: PositionTables

    /// A tape for one pass of this model.
    public func tape(_ mode: Mode, dropoutSeed: UInt64 = 0, taps: TapRequest = .none) -> Tape {
        Tape(backend: backend, mode: mode, activations: activations, dropoutSeed: dropoutSeed, taps: taps)
    }

    /// Builds the model with the published initialisation.
    /// - Parameters:
    ///   - trains: allocates gradients; off for inference.
    ///   - initialises: off where values follow from a file; what the file lacks then gets its own by `parameters.initialise(except:)`.
    ///   - builds: off for a model that has names and shapes alone.
    public init(
        configuration: ModelConfiguration = ModelConfiguration(), backend: any Backend, activations: NumberFormat = .float32, seed: UInt64,
        trains: Bool = true, initialises: Bool = true, builds: Bool = true
    ) {
        self.configuration = configuration
        self.activations = activations
        parameters = ParameterStore(backend: backend)
        positions = PositionTables(backend: backend)
        let root = Scope(store: parameters, prefix: "")
        let widths = configuration.encoder.widths
        encoder = ConvNeXt(root("encoder.model"), configuration.encoder)
        // In every published checkpoint, used by nothing: accepted and kept.
        let width = widths[3]
        _ = root("encoder.model.layernorm").parameter("weight", [width], role: .unused, .constant(1))
        _ = root("encoder.model.layernorm").parameter("bias", [width], role: .unused, .constant(0))
        _ = root("encoder.project_head").parameter("weight", [width, width], role: .unused, .fan(width))
        _ = root("encoder.project_head").parameter("bias", [width], role: .unused, .fan(width))
        stages = ["decoder16", "decoder8", "decoder4"].enumerated().map { index, name in
            DecoderStage(
                root(name), input: widths[3 - index], output: widths[2 - index], textPositions: configuration.textPositions[index],
                configuration: configuration)
        }
        head = Head(root, input: widths[0], channels: widths[0] * 4)
        if builds { parameters.build(seed: seed, trains: trains, activations: activations, initialises: initialises) }
    }

    /// images uint8 [B,H,W,1 or 3] (H and W multiples of 32), text [B,N,D] -> probabilities [B,H,W].
    public func forward(images: ByteTensor, text: Tensor, tape: Tape) -> Tensor {
        let shape = images.shape
        precondition(shape.count == 4 && shape[1] % Self.sizeMultiple == 0 && shape[2] % Self.sizeMultiple == 0, "images \(shape): height and width must be multiples of 32")
        precondition(text.shape == [shape[0], configuration.tokens, configuration.textWidth], "text features \(text.shape)")
        let normalised = backend.empty([shape[0], shape[1], shape[2], 3], format: activations)
        backend.normaliseImages(images, into: normalised)
        return forward(normalised: normalised, text: text, tape: tape)
    }

    /// The same from normalised images [B,H,W,3].
    public func forward(normalised: Tensor, text: Tensor, tape: Tape) -> Tensor {
        tape.activate(.sigmoid, logits(normalised: normalised, text: text, tape: tape))
    }

    func logits(normalised: Tensor, text: Tensor, tape: Tape) -> Tensor {
        precondition(tape.activations == activations, "a \(tape.activations) pass of a \(activations) model")
        let features = encoder(tape.convert(normalised, to: activations), tape)
        var map = features[3]
        for (index, stage) in stages.enumerated() {
            map = stage(map, skip: features[2 - index], text: text, tape, positions)
        }
        return head.logits(map, tape)
    }

    /// The four stage outputs of the image encoder, for checks and explanations.
    public func imageFeatures(normalised: Tensor, tape: Tape) -> [Tensor] { encoder(normalised, tape) }
}

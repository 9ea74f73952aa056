// The interface of a segmentation network: parameters, and a pass from normalised images (and text) to logits. Trainer, checkpoints,
// evaluation and benchmarks use this and the descriptor (ModelDescriptor.swift), never the type of a network.
// Shape letters: B batch, H W rows and columns, N text tokens, D text width.
import Tensors

/// The input of a pass.
public struct ModelInput {
    /// [B,H,W,3], normalised as the descriptor's `image` specifies.
    public let images: Tensor
    /// Nil for networks without text.
    public let text: TextInput?

    public init(images: Tensor, text: TextInput? = nil) {
        self.images = images
        self.text = text
    }
}

/// Captions encoded by the frozen text encoder.
public struct TextInput {
    /// float32 [B,N,D].
    public let features: Tensor

    public init(features: Tensor) { self.features = features }
}

/// Logits of an auxiliary output for deep supervision, at the target's size, and the weight of its loss.
public struct WeightedLogits {
    public let logits: Tensor
    public let weight: Float

    public init(_ logits: Tensor, weight: Float) {
        self.logits = logits
        self.weight = weight
    }
}

/// The output of a pass. The sigmoid is left to losses, metrics and predictions.
public struct ModelOutput {
    /// float32 [B,H,W].
    public let logits: Tensor
    /// For deep supervision; empty if the mode records no gradients.
    public let auxiliary: [WeightedLogits]
    /// Interior activations that were requested from the tape, by name.
    public let taps: [String: Tensor]

    public init(logits: Tensor, auxiliary: [WeightedLogits] = [], taps: [String: Tensor] = [:]) {
        self.logits = logits
        self.auxiliary = auxiliary
        self.taps = taps
    }

    /// [B,H,W], each in 0...1.
    public func probabilities(_ tape: Tape) -> Tensor { tape.activate(.sigmoid, logits) }
}

/// The settings for building a network on a device.
public struct ModelSetup {
    public var backend: any Backend
    /// The format of activations; with bf16, master weights, statistics, text mixing and loss stay float32.
    public var activations: NumberFormat
    /// The seed of the initial values.
    public var seed: UInt64
    /// Allocates gradients; off for inference.
    public var trains: Bool
    /// Off if values will be loaded from a file; `parameters.initialise(except:)` then initialises the entries that the file lacks.
    public var initialises: Bool
    /// Off for a network with names and shapes only.
    public var builds: Bool

    public init(
        backend: any Backend, activations: NumberFormat = .float32, seed: UInt64 = 0, trains: Bool = true, initialises: Bool = true,
        builds: Bool = true
    ) {
        self.builds = builds
        self.backend = backend
        self.activations = activations
        self.seed = seed
        self.trains = trains
        self.initialises = initialises
    }
}

public protocol SegmentationModel: AnyObject {
    var descriptor: ModelDescriptor { get }
    /// The name and options of this network.
    var specification: ModelSpecification { get }
    var activations: NumberFormat { get }
    var parameters: ParameterStore { get }
    /// Where positions of the image attend to the text, in the order of the pass; empty for networks without such attention.
    var textAttention: [TextAttention] { get }
    /// One pass. The tape decides what is recorded and kept.
    func callAsFunction(_ input: ModelInput, _ tape: Tape) -> ModelOutput
}

extension SegmentationModel {
    public var textAttention: [TextAttention] { [] }

    public var backend: any Backend { parameters.backend }
    /// The images that the network takes with its options.
    public var image: ImageSpec { descriptor.image(specification) }

    /// A tape for one pass.
    public func tape(_ mode: Mode, dropoutSeed: UInt64 = 0, taps: TapRequest = .none) -> Tape {
        Tape(backend: backend, mode: mode, activations: activations, dropoutSeed: dropoutSeed, taps: taps)
    }

    /// A pass from stored images, uint8 [B,H,W,1 or 3], and text features [B,N,D].
    public func callAsFunction(_ images: ByteTensor, text: Tensor?, _ tape: Tape) -> ModelOutput {
        let normalised = image.normalised(images, activations: activations, on: backend)
        return self(ModelInput(images: normalised, text: text.map(TextInput.init)), tape)
    }
}

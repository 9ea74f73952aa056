// A segmentation network as all that surrounds it sees it: parameters, and a pass from normalised images (and text) to logits. Trainer,
// checkpoints, evaluation and benchmarks know this and the descriptor (ModelDescriptor.swift), never a network's own type.
// Shape letters: B batch, H W rows and columns, N text tokens, D text width.
import Tensors

/// What a pass reads.
public struct ModelInput {
    /// [B,H,W,3], normalised as the descriptor's `image` says.
    public let images: Tensor
    /// Nil for networks that read none.
    public let text: TextInput?

    public init(images: Tensor, text: TextInput? = nil) {
        self.images = images
        self.text = text
    }
}

/// Captions as the frozen text encoder made them.
public struct TextInput {
    /// float32 [B,N,D].
    public let features: Tensor

    public init(features: Tensor) { self.features = features }
}

/// Logits of a branch that training supervises beside the result, at the target's size, and the weight of its loss.
public struct WeightedLogits {
    public let logits: Tensor
    public let weight: Float

    public init(_ logits: Tensor, weight: Float) {
        self.logits = logits
        self.weight = weight
    }
}

/// What a pass gives. The sigmoid belongs to losses, metrics and predictions.
public struct ModelOutput {
    /// float32 [B,H,W].
    public let logits: Tensor
    /// For deep supervision; empty where the mode records no gradients.
    public let auxiliary: [WeightedLogits]
    /// Interior activations that the tape was asked for, by name.
    public let taps: [String: Tensor]

    public init(logits: Tensor, auxiliary: [WeightedLogits] = [], taps: [String: Tensor] = [:]) {
        self.logits = logits
        self.auxiliary = auxiliary
        self.taps = taps
    }

    /// [B,H,W], each in 0...1.
    public func probabilities(_ tape: Tape) -> Tensor { tape.activate(.sigmoid, logits) }
}

/// How a network is put on a device.
public struct ModelSetup {
    public var backend: any Backend
    /// How activations are stored; bf16 keeps float32 master weights, statistics, text mixing and loss.
    public var activations: NumberFormat
    /// Decides the initial values.
    public var seed: UInt64
    /// Allocates gradients; off for inference.
    public var trains: Bool
    /// Off where values follow from a file; what the file lacks then gets its own by `parameters.initialise(except:)`.
    public var initialises: Bool
    /// Off for a network that has names and shapes alone.
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
    /// Which network of the descriptor's family this is.
    var specification: ModelSpecification { get }
    var activations: NumberFormat { get }
    var parameters: ParameterStore { get }
    /// One pass; what of it is recorded and kept, the tape says.
    func callAsFunction(_ input: ModelInput, _ tape: Tape) -> ModelOutput
}

extension SegmentationModel {
    public var backend: any Backend { parameters.backend }

    /// A tape for one pass.
    public func tape(_ mode: Mode, dropoutSeed: UInt64 = 0, taps: TapRequest = .none) -> Tape {
        Tape(backend: backend, mode: mode, activations: activations, dropoutSeed: dropoutSeed, taps: taps)
    }

    /// A pass from images as they are stored, uint8 [B,H,W,1 or 3], and text features [B,N,D].
    public func callAsFunction(_ images: ByteTensor, text: Tensor?, _ tape: Tape) -> ModelOutput {
        let normalised = descriptor.image.normalised(images, activations: activations, on: backend)
        return self(ModelInput(images: normalised, text: text.map(TextInput.init)), tape)
    }
}

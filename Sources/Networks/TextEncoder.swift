// The frozen text encoder: BERT (Devlin et al. 2019) as Hugging Face stores it; docs/models/ua-vls.md, "Text encoder". Its output is the
// last hidden state of all positions. It is never trained, so a caption is encoded once and its feature kept: `features` is called once for
// each distinct caption, never once per step.
import Foundation
import Tensors

/// The sizes of a BERT encoder, under the names of Hugging Face's config.json.
public struct TextEncoderConfiguration: Codable, Sendable, Equatable {
    public var vocabularySize: Int
    public var hiddenSize: Int
    public var layers: Int
    public var heads: Int
    public var intermediateSize: Int
    public var maximumPositions: Int
    /// 0 for DistilBERT, which has no token types.
    public var tokenTypes: Int
    public var layerNormEpsilon: Float

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case hiddenSize = "hidden_size"
        case layers = "num_hidden_layers"
        case heads = "num_attention_heads"
        case intermediateSize = "intermediate_size"
        case maximumPositions = "max_position_embeddings"
        case tokenTypes = "type_vocab_size"
        case layerNormEpsilon = "layer_norm_eps"
    }

    public init(
        vocabularySize: Int, hiddenSize: Int, layers: Int, heads: Int, intermediateSize: Int, maximumPositions: Int = 512,
        tokenTypes: Int = 2,
        layerNormEpsilon: Float = 1e-12
    ) {
        self.vocabularySize = vocabularySize
        self.hiddenSize = hiddenSize
        self.layers = layers
        self.heads = heads
        self.intermediateSize = intermediateSize
        self.maximumPositions = maximumPositions
        self.tokenTypes = tokenTypes
        self.layerNormEpsilon = layerNormEpsilon
    }

    /// The encoder that is used if no pretrained one is given. It has BERT base's width, so that a trained model keeps the published
    /// shapes, but only two layers, because depth without training only costs time.
    public static func untrained(vocabularySize: Int) -> TextEncoderConfiguration {
        TextEncoderConfiguration(vocabularySize: vocabularySize, hiddenSize: 768, layers: 2, heads: 12, intermediateSize: 3072)
    }
}

public final class TextEncoder {
    public let configuration: TextEncoderConfiguration
    public let activations: NumberFormat
    public let parameters: ParameterStore
    private let words: Parameter, positions: Parameter, types: Parameter?
    /// Notes for the user about how the weights were read.
    public internal(set) var notes: [String] = []
    private let embeddingNorm: LayerNorm
    private let layers: [Layer]

    private struct Layer {
        let query: Linear, key: Linear, value: Linear, attentionOutput: Linear, attentionNorm: LayerNorm
        let intermediate: Linear, output: Linear, outputNorm: LayerNorm
    }

    /// Builds the encoder with BERT's initialisation (normal, deviation 0.02), a pure function of the seed.
    /// - Parameter initialises: off if all values will be loaded from a file.
    public init(
        configuration: TextEncoderConfiguration, backend: any Backend, activations: NumberFormat = .float32, seed: UInt64 = 0,
        initialises: Bool = true
    ) {
        self.configuration = configuration
        self.activations = activations
        let store = ParameterStore(backend: backend)
        parameters = store
        let width = configuration.hiddenSize, epsilon = configuration.layerNormEpsilon
        let normal = Initialisation.normal(deviation: 0.02)
        let embeddings = Scope(store: store, prefix: "embeddings")
        words = embeddings("word_embeddings").parameter("weight", [configuration.vocabularySize, width], normal)
        positions = embeddings("position_embeddings").parameter("weight", [configuration.maximumPositions, width], normal)
        types =
            configuration.tokenTypes == 0
            ? nil : embeddings("token_type_embeddings").parameter("weight", [configuration.tokenTypes, width], normal)
        embeddingNorm = LayerNorm(embeddings("LayerNorm"), width, epsilon: epsilon)
        layers = (0..<configuration.layers).map { index in
            let scope = Scope(store: store, prefix: "encoder.layer.\(index)")
            func linear(_ name: String, _ input: Int, _ output: Int) -> Linear {
                Linear(scope(name), input, output, weights: normal, biases: .constant(0))
            }
            return Layer(
                query: linear("attention.self.query", width, width), key: linear("attention.self.key", width, width),
                value: linear("attention.self.value", width, width), attentionOutput: linear("attention.output.dense", width, width),
                attentionNorm: LayerNorm(scope("attention.output.LayerNorm"), width, epsilon: epsilon),
                intermediate: linear("intermediate.dense", width, configuration.intermediateSize),
                output: linear("output.dense", configuration.intermediateSize, width),
                outputNorm: LayerNorm(scope("output.LayerNorm"), width, epsilon: epsilon))
        }
        store.build(seed: seed, trains: false, activations: activations, initialises: initialises)
    }

    /// The last hidden state [B, N, D] of `batch` token sequences of equal length.
    /// - Parameters:
    ///   - ids: B*N token ids, each below the vocabulary's size.
    ///   - attention: B*N flags, 0 for padding.
    public func features(ids: [Int32], attention: [UInt8], batch: Int) -> Tensor {
        let backend = parameters.backend
        let length = ids.count / batch, width = configuration.hiddenSize
        precondition(ids.count == batch * length && attention.count == ids.count && length <= configuration.maximumPositions)
        let tape = Tape(backend: backend, mode: .inference, activations: activations)
        let mask = backend.bytes(attention, [batch, length])

        // Embeddings: word + position + type 0, where the encoder has types.
        precondition(ids.allSatisfy { $0 >= 0 && $0 < configuration.vocabularySize }, "a token id is outside the encoder's vocabulary")
        let gathered = tape.reshape(tape.gatherRows(words.tensor, backend.rowNumbers(ids)), [batch, length, width])
        let sum = tape.addPositionalEmbedding(gathered, positions.tensor.viewed(rows: 0..<length))
        let typed = types.map { tape.addPositionalEmbedding(sum, $0.tensor.viewed(rows: 0..<1)) } ?? sum
        var x = tape.convert(embeddingNorm(typed, tape), to: activations)
        for layer in layers {
            let mixed = tape.attention(
                layer.query(x, tape), layer.key(x, tape), layer.value(x, tape), heads: configuration.heads, mask: mask)
            x = layer.attentionNorm(tape.add(x, layer.attentionOutput(mixed, tape)), tape)
            let mapped = tape.convNeXtBlock(
                x, ConvNeXtBlockWeights(expand: layer.intermediate.parameters, project: layer.output.parameters))
            x = layer.outputNorm(tape.add(x, mapped), tape)
        }
        return tape.convert(x, to: .float32)
    }
}

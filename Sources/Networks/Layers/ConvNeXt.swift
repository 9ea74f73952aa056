// The image encoder: ConvNeXt (Liu et al. 2022) as published in `facebook/convnext-tiny-224`; docs/models/ua-vls.md, "Image encoder". It
// returns the four stage outputs, without a final norm; each has a tap.
import Tensors

/// Sizes of a ConvNeXt; the default is Tiny.
public struct ConvNeXtConfiguration: Codable, Sendable, Equatable {
    public var depths = [3, 3, 9, 3]
    public var widths = [96, 192, 384, 768]
    public init() {}
}

struct ConvNeXtBlock {
    let depthwiseWeight: Parameter, depthwiseBias: Parameter
    let norm: LayerNorm
    let expand: Linear, project: Linear
    let layerScale: Parameter

    init(_ scope: Scope, _ channels: Int) {
        let depthwise = scope("dwconv")
        depthwiseWeight = depthwise.parameter("weight", [channels, 1, 7, 7], layout: .depthwise, ConvNeXt.weights)
        depthwiseBias = depthwise.parameter("bias", [channels], .constant(0))
        norm = LayerNorm(scope("layernorm"), channels, epsilon: 1e-6)
        expand = Linear(scope("pwconv1"), channels, channels * 4, weights: ConvNeXt.weights, biases: .constant(0))
        project = Linear(scope("pwconv2"), channels * 4, channels, weights: ConvNeXt.weights, biases: .constant(0))
        layerScale = scope.parameter("layer_scale_parameter", [channels], .constant(1e-6))
    }

    /// x + gamma * (W2 GELU(W1 LN(depthwise(x)))). x [B,H,W,C].
    func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
        tape.convNeXtBlock(
            x,
            ConvNeXtBlockWeights(
                depthwise: .init(weight: depthwiseWeight.tensor, bias: depthwiseBias.tensor, kernel: 7), norm: norm.parameters,
                expand: expand.parameters, project: project.parameters, scale: layerScale.tensor))
    }
}

struct ConvNeXt {
    /// The published initialisation of all linear and convolution weights.
    static let weights = Initialisation.normal(deviation: 0.02)

    private struct Stage {
        let downsampling: (norm: LayerNorm, convolution: PatchConvolution)?
        let blocks: [ConvNeXtBlock]
    }
    private let stem: PatchConvolution
    private let stemNorm: LayerNorm
    private let stages: [Stage]

    init(_ scope: Scope, _ configuration: ConvNeXtConfiguration) {
        let widths = configuration.widths
        let embeddings = scope("embeddings")
        stem = PatchConvolution(embeddings("patch_embeddings"), 3, widths[0], kernel: 4, weights: ConvNeXt.weights)
        stemNorm = LayerNorm(embeddings("layernorm"), widths[0], epsilon: 1e-6)
        stages = widths.indices.map { index in
            let stage = scope("encoder.stages.\(index)")
            let downsampling =
                index == 0
                ? nil
                : (
                    norm: LayerNorm(stage("downsampling_layer.0"), widths[index - 1], epsilon: 1e-6),
                    convolution: PatchConvolution(
                        stage("downsampling_layer.1"), widths[index - 1], widths[index], kernel: 2, weights: ConvNeXt.weights)
                )
            return Stage(
                downsampling: downsampling,
                blocks: (0..<configuration.depths[index]).map { ConvNeXtBlock(stage("layers.\($0)"), widths[index]) })
        }
    }

    /// x [B,H,W,3] normalised -> the four stage outputs [B,H/4,W/4,96] ... [B,H/32,W/32,768].
    func callAsFunction(_ x: Tensor, _ tape: Tape) -> [Tensor] {
        var map = stemNorm(stem(x, tape), tape)
        return stages.enumerated().map { index, stage in
            if let (norm, convolution) = stage.downsampling { map = convolution(norm(map, tape), tape) }
            for block in stage.blocks { map = block(map, tape) }
            map = tape.tap("encoder.stages.\(index)", map)
            return map
        }
    }
}

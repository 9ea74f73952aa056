// The parts of a Swin Transformer that Swin-Unet is built from (docs/models/swinunet.md): the block, and patches merged and expanded. NHWC
// maps; layer norms have eps 1e-5.
import Tensors

enum Swin {
    /// The published rule truncates at +-2, a hundred standard deviations, so it has no effect.
    static let weights = Initialisation.normal(deviation: 0.02)
    static let epsilon: Float = 1e-5
    /// Side of a window in pixels, as published.
    static let side = 7

    static func linear(_ scope: Scope, _ input: Int, _ output: Int, bias: Bool = true, layout: ParameterLayout = .plain) -> Linear {
        Linear(scope, input, output, bias: bias, weights: weights, biases: .constant(0), layout: layout)
    }
}

/// Sizes of a block.
package struct SwinBlockSizes {
    let channels: Int, heads: Int
    /// Whether the windows are shifted by half their side; never if the feature map is only one window high or wide.
    let isShifted: Bool
    /// The probability that a sample skips a branch in training.
    let dropPath: Float
    let side: Int

    package init(channels: Int, heads: Int, isShifted: Bool, dropPath: Float = 0, side: Int = Swin.side) {
        self.channels = channels
        self.heads = heads
        self.isShifted = isShifted
        self.dropPath = dropPath
        self.side = side
    }
}

/// Attention within windows with its linear maps: proj(attention(qkv(x))). x [B,H,W,C].
package struct WindowAttentionLayer {
    private let sizes: SwinBlockSizes
    private let table: Parameter
    private let qkv: Linear, projection: Linear

    package init(_ scope: Scope, _ sizes: SwinBlockSizes) {
        self.sizes = sizes
        let offsets = 2 * sizes.side - 1
        table = scope.parameter("relative_position_bias_table", [offsets * offsets, sizes.heads], Swin.weights)
        qkv = Swin.linear(scope("qkv"), sizes.channels, 3 * sizes.channels)
        projection = Swin.linear(scope("proj"), sizes.channels, sizes.channels)
    }

    package func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
        let shift = sizes.isShifted && min(x.shape[1], x.shape[2]) > sizes.side ? sizes.side / 2 : 0
        return projection(
            tape.windowAttention(qkv(x, tape), table: table.tensor, heads: sizes.heads, side: sizes.side, shift: shift), tape)
    }
}

/// x + DP(attention(LN(x))), then + DP(W2 GELU(W1 LN(.))), DP the drop path. x [B,H,W,C].
package struct SwinBlock {
    private let sizes: SwinBlockSizes
    private let firstNorm: LayerNorm, secondNorm: LayerNorm
    private let attention: WindowAttentionLayer
    private let expand: Linear, project: Linear

    package init(_ scope: Scope, _ sizes: SwinBlockSizes) {
        self.sizes = sizes
        let channels = sizes.channels
        firstNorm = LayerNorm(scope("norm1"), channels, epsilon: Swin.epsilon)
        attention = WindowAttentionLayer(scope("attn"), sizes)
        secondNorm = LayerNorm(scope("norm2"), channels, epsilon: Swin.epsilon)
        expand = Swin.linear(scope("mlp.fc1"), channels, 4 * channels)
        project = Swin.linear(scope("mlp.fc2"), 4 * channels, channels)
    }

    package func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
        let x = tape.addPath(x, attention(firstNorm(x, tape), tape), dropped: sizes.dropPath)
        let mixed = tape.convNeXtBlock(
            x, ConvNeXtBlockWeights(norm: secondNorm.parameters, expand: expand.parameters, project: project.parameters))
        return tape.addPath(x, mixed, dropped: sizes.dropPath)
    }
}

/// Patch merging: the pixels of each 2x2 patch side by side, layer norm, a linear layer to twice the channels. x [B,H,W,C] ->
/// [B,H/2,W/2,2C].
package struct PatchMerging {
    private let norm: LayerNorm
    private let reduction: Linear

    package init(_ scope: Scope, _ channels: Int) {
        reduction = Swin.linear(scope("reduction"), 4 * channels, 2 * channels, bias: false, layout: .columnPatches)
        norm = LayerNorm(scope("norm"), 4 * channels, epsilon: Swin.epsilon, layout: .columnPatches)
    }

    package func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor { reduction(norm(tape.gatherPatches(x, size: 2), tape), tape) }
}

/// Patch expanding: a linear layer to the pixels of a patch, layer norm of each pixel. x [B,H,W,C] -> [B,factor H,factor W,output].
package struct PatchExpanding {
    private let factor: Int
    private let expand: Linear
    private let norm: LayerNorm

    package init(_ scope: Scope, _ channels: Int, factor: Int, output: Int) {
        self.factor = factor
        expand = Swin.linear(scope("expand"), channels, factor * factor * output, bias: false)
        norm = LayerNorm(scope("norm"), output, epsilon: Swin.epsilon)
    }

    package func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
        norm(tape.scatterPatches(expand(x, tape), size: factor), tape)
    }

    /// The same pixels patch by patch, [B,H,W,factor * factor,output], not yet rearranged to a feature map.
    func patches(_ x: Tensor, _ tape: Tape) -> Tensor {
        let patches = expand(x, tape), pixels = factor * factor
        return norm(tape.reshape(patches, x.shape.dropLast() + [pixels, patches.channels / pixels]), tape)
    }
}

// The state space mixer of the text path (eqs. 13-19; docs/models/ua-vls.md), and the linear layer that replaces it in the ablation.
import Tensors

/// The layer that mixes the text sequence.
public enum TextMixer: String, Codable, Sendable, CaseIterable { case ssmix, linear }

package struct SSMix {
    /// Columns of x_proj for the step: low rank in the released code, full rank in eq. 16.
    private let inner: Int, stepColumns: Int, state = 16
    private let mixer: TextMixer
    private let layers: UAVLS.Source
    private let stepBiasCountsTwice: Bool
    private let inProjection: Linear
    private let convolutionX: Parameter?, convolutionZ: Parameter?
    private let xProjection: Linear?
    private let dtWeight: Parameter?, dtBias: Parameter?
    private let logA: Parameter?, skip: Parameter?
    private let outProjection: Parameter

    /// Input [B, positions, channels], output [B, outPositions, channels]; with the paper's layers both have the input's positions.
    package init(_ scope: Scope, channels: Int, positions: Int, outPositions: Int, configuration: UAVLS.Configuration) {
        let inner = configuration.innerWidth(channels), rank = (channels + 15) / 16
        self.inner = inner
        mixer = configuration.mixer
        layers = configuration.layers
        let full = mixer == .ssmix, released = layers == .released
        stepColumns = released ? rank : inner
        stepBiasCountsTwice = released && configuration.equations == .released
        logA = full ? scope.parameter("A_log", [inner, state], .logPositions) : nil
        skip = full ? scope.parameter("D", [inner], .constant(1)) : nil
        inProjection = Linear(scope("in_proj"), channels, 2 * inner, bias: false)
        xProjection = full ? Linear(scope("x_proj"), inner, stepColumns + 2 * state, bias: false) : nil
        let step = scope("dt_proj")
        dtWeight = full && released ? step.parameter("weight", [inner, rank], .uniform(bound: 1 / Float(rank).squareRoot())) : nil
        dtBias = full ? step.parameter("bias", [inner], .inverseSoftplusSteps) : nil
        outProjection =
            released
            ? scope("out_proj").parameter("weight", [outPositions, positions], .fan(positions))
            : scope("out_proj").parameter("weight", [channels, 2 * inner], .fan(2 * inner))
        convolutionX = full ? scope("conv1d_x").parameter("weight", [inner, 1, 4], layout: .depthwise1D, .fan(4)) : nil
        convolutionZ = full ? scope("conv1d_z").parameter("weight", [inner, 1, 4], layout: .depthwise1D, .fan(4)) : nil
    }

    package func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
        let h = inProjection(x, tape)
        guard let convolutionX, let convolutionZ, let xProjection, let dtBias, let logA, let skip else { return output(h, tape) }
        // "same" padding for an even kernel of 4: one zero before, two after.
        let p = tape.activate(.tanh, tape.convolution1D(h, columns: 0..<inner, weight: convolutionX.tensor, left: 1))
        let q = tape.activate(.tanh, tape.convolution1D(h, columns: inner..<(2 * inner), weight: convolutionZ.tensor, left: 1))
        let projections = xProjection(p, tape)
        var steps = tape.columns(projections, 0..<stepColumns)
        if let dtWeight {
            // As published, the bias is added twice, in the linear layer and inside softplus; in eq. 17 only inside softplus.
            steps = tape.linear(steps, weight: dtWeight.tensor, bias: stepBiasCountsTwice ? dtBias.tensor : nil)
        }
        let y = tape.selectiveScan(
            p, step: tape.softplus(steps, bias: dtBias.tensor), logA: logA.tensor, skip: skip.tensor, projections: projections,
            b: stepColumns..<(stepColumns + state), c: (stepColumns + state)..<(stepColumns + 2 * state))
        return output(tape.concatenate(y, q), tape)
    }

    /// The linear layer of eq. 19 is over features; that of the released code is over positions.
    private func output(_ x: Tensor, _ tape: Tape) -> Tensor {
        switch layers {
        case .released: tape.sequenceLinear(x, weight: outProjection.tensor)
        case .paper: tape.linear(x, weight: outProjection.tensor, bias: nil)
        }
    }
}

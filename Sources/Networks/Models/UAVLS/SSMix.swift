// The state space mixer of the text path (eqs. 13-19; docs/models/ua-vls.md), and the linear layer the ablation puts in its place.
import Tensors

/// What mixes the text sequence.
public enum TextMixer: String, Codable, Sendable, CaseIterable { case ssmix, linear }

package struct SSMix {
    private let half: Int, rank: Int, state = 16
    private let mixer: TextMixer
    private let inProjection: Linear
    private let convolutionX: Parameter?, convolutionZ: Parameter?
    private let xProjection: Linear?
    private let dtWeight: Parameter?, dtBias: Parameter?
    private let logA: Parameter?, skip: Parameter?
    private let outProjection: Parameter

    /// Input [B, positions, channels], output [B, outPositions, channels].
    package init(_ scope: Scope, channels: Int, positions: Int, outPositions: Int, mixer: TextMixer) {
        half = channels / 2
        rank = (channels + 15) / 16
        self.mixer = mixer
        let full = mixer == .ssmix
        logA = full ? scope.parameter("A_log", [half, state], .logPositions) : nil
        skip = full ? scope.parameter("D", [half], .constant(1)) : nil
        inProjection = Linear(scope("in_proj"), channels, channels, bias: false)
        xProjection = full ? Linear(scope("x_proj"), half, rank + 2 * state, bias: false) : nil
        dtWeight = full ? scope("dt_proj").parameter("weight", [half, rank], .uniform(bound: 1 / Float(rank).squareRoot())) : nil
        dtBias = full ? scope("dt_proj").parameter("bias", [half], .inverseSoftplusSteps) : nil
        outProjection = scope("out_proj").parameter("weight", [outPositions, positions], .fan(positions))
        convolutionX = full ? scope("conv1d_x").parameter("weight", [half, 1, 4], layout: .depthwise1D, .fan(4)) : nil
        convolutionZ = full ? scope("conv1d_z").parameter("weight", [half, 1, 4], layout: .depthwise1D, .fan(4)) : nil
    }

    package func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
        let h = inProjection(x, tape)
        guard let convolutionX, let convolutionZ, let xProjection, let dtWeight, let dtBias, let logA, let skip else {
            return tape.sequenceLinear(h, weight: outProjection.tensor)
        }
        // "same" padding for an even kernel of 4: one zero before, two after.
        let p = tape.activate(.tanh, tape.convolution1D(h, columns: 0..<half, weight: convolutionX.tensor, left: 1))
        let q = tape.activate(.tanh, tape.convolution1D(h, columns: half..<(2 * half), weight: convolutionZ.tensor, left: 1))
        let projections = xProjection(p, tape)
        // The bias counts twice, once in the linear layer and once inside softplus, as published.
        let steps = tape.linear(tape.columns(projections, 0..<rank), weight: dtWeight.tensor, bias: dtBias.tensor)
        let y = tape.selectiveScan(
            p, step: tape.softplus(steps, bias: dtBias.tensor), logA: logA.tensor, skip: skip.tensor, projections: projections,
            b: rank..<(rank + state), c: (rank + state)..<(rank + 2 * state))
        return tape.sequenceLinear(tape.concatenate(y, q), weight: outProjection.tensor)
    }
}

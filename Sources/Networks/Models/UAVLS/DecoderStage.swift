// One decoder stage of UA-VLS: MoDAB, then the up block (eqs. 20-21).
import Tensors

struct DecoderStage {
    private let block: MoDAB?
    private let up: UpBlock

    init(_ scope: Scope, input: Int, output: Int, textPositions: Int, configuration: UAVLS.Configuration) {
        block =
            configuration.textGuidance
            ? MoDAB(
                scope("guide_layer"), channels: input, tokens: configuration.tokens, textPositions: textPositions,
                configuration: configuration)
            : nil
        up = UpBlock(scope("decoder"), input: input, output: output)
    }

    /// x [B,H,W,input], skip [B,2H,2W,output] -> [B,2H,2W,output].
    func callAsFunction(_ x: Tensor, skip: Tensor, text: Tensor?, _ tape: Tape, _ positions: PositionTables, name: String) -> Tensor {
        guard let block, let text else { return up(x, skip: skip, tape) }
        let sequence = tape.reshape(x, [x.shape[0], x.shape[1] * x.shape[2], x.channels])
        let guided = tape.reshape(block(sequence, text: text, tape, positions), x.shape)
        return up(tape.tap(name + ".guide_layer", guided), skip: skip, tape)
    }
}

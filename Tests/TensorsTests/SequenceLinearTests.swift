// The linear map over positions, with and without a bias for each: value against float64, gradient against central differences.
import OperatorCases
import Tensors
import Testing

@Suite struct SequenceLinearTests {
    /// y[b,t,c] = sum over l of w[t,l] x[b,l,c], plus the position's bias if there is one.
    static func sequenceLinear(_ x: Reference, _ weight: Reference, _ bias: Reference?) -> Reference {
        let (batch, length, channels, output) = (x.shape[0], x.shape[1], x.shape[2], weight.shape[0])
        var y = Reference(zeros: [batch, output, channels])
        for index in y.values.indices {
            let c = index % channels, t = index / channels % output, b = index / channels / output
            y[index] = (0..<length).reduce(bias?[t] ?? 0) { $0 + weight[t * length + $1] * x[(b * length + $1) * channels + c] }
        }
        return y
    }

    @Test(arguments: [(2, 6, 5, 3), (3, 24, 40, 9)]) func sequenceLinear(batch: Int, length: Int, channels: Int, output: Int) throws {
        let inputs: [OperatorInput] = [.init([batch, length, channels]), .init([output, length]), .init([output])]
        try checkOperator(Array(inputs.prefix(2)), half: [0]) {
            $0.sequenceLinear($1[0], weight: $1[1])
        } reference: {
            Self.sequenceLinear($0[0], $0[1], nil)
        }
        try checkOperator(inputs, half: [0]) {
            $0.sequenceLinear($1[0], weight: $1[1], bias: $1[2])
        } reference: {
            Self.sequenceLinear($0[0], $0[1], $0[2])
        }
    }

    /// The sequence is also used beside the product: its gradient is the sum of both ways.
    @Test func itsGradientIsAddedToWhatIsThere() throws {
        try checkOperator([.init([2, 4, 6]), .init([4, 4]), .init([4])], half: [0]) { tape, x in
            tape.add(x[0], tape.sequenceLinear(x[0], weight: x[1], bias: x[2]))
        } reference: {
            Reference($0[0].shape, zip($0[0].values, Self.sequenceLinear($0[0], $0[1], $0[2]).values).map { $0 + $1 })
        }
    }
}

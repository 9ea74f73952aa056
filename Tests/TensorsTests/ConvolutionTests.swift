// Convolutions by the kernel for what libraries lack; by the others in the table of operators (OperatorCaseTests).
import EmulatedGPU
import OperatorCases
import Tensors
import Testing

@Suite struct ConvolutionTests {
    /// As on a processor for which oneDNN has nothing.
    @Test(arguments: ConvolutionWindow.small.map(\.name)) func byOurOwnKernel(name: String) throws {
        let window = try #require(ConvolutionWindow.small.first { $0.name == name })
        try checkOperator(
            [.init(window.input), .init(window.weight), .init([window.output])], samples: 12, half: [0],
            cpu: try CPUBackend(threads: 2, winogradConvolutions: false, hasConvolutionLibrary: false), operation: { window.body($0, $1) },
            reference: { window.reference($0) })
    }

    /// A depthwise convolution is one with a group for each channel.
    @Test(arguments: NumberFormat.allCases) func groupsOfOneChannelAreDepthwise(format: NumberFormat) throws {
        var random = TestRandom(2)
        let values = random.values(2 * 6 * 7 * 8).map(Float.init), taps = random.values(9 * 8).map(Float.init)
        let turned = (0..<8).flatMap { c in (0..<9).map { taps[$0 * 8 + c] } }
        for backend in [try CPUBackend(threads: 2), try EmulatedGPU.backend()] as [any Backend] {
            let tape = Tape(backend: backend, mode: .inference), x = tape.convert(backend.tensor(values, [2, 6, 7, 8]), to: format)
            let a = tape.depthwise(x, weight: backend.tensor(taps, [9, 8]), bias: backend.zeros([8]), kernel: 3)
            let b = tape.convolution(x, weight: backend.tensor(turned, [8, 3, 3, 1]), padding: 1, groups: 8)
            try backend.check()
            let tolerance: Float = format == .float32 ? 1e-5 : 0x1p-6
            #expect(zip(backend.values(a), backend.values(b)).allSatisfy { abs($0 - $1) < tolerance })
        }
    }
}

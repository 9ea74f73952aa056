// Parameters and arithmetic as published, and the arithmetic as the operators themselves count it.
import Networks
import Tensors
import Testing

@Suite struct ModelSummaryTests {
    @Test func publishedModel() throws {
        let model = SegmentationModel(backend: try CPUBackend(threads: 2), seed: 0, trains: false, initialises: false)
        let summary = ModelSummary(model)
        func rounded(_ value: Double) -> Double { (value / 1e7).rounded() / 100 }
        #expect((Double(summary.parameters) / 1e4).rounded() / 100 == 43.04)
        #expect(summary.parameters == model.parameters.trainedCount)
        // docs/models/ua-vls.md: 17.77 = 8.91 + (2.15 + 2.12 + 2.51) + 2.08 GFLOP.
        #expect(rounded(summary.operations) == 17.77)
        func part(_ prefix: String) -> Double {
            rounded(summary.modules.filter { $0.name.hasPrefix(prefix) }.reduce(0) { $0 + $1.operations })
        }
        #expect(part("encoder.model") == 8.91)
        #expect(part("decoder16.") == 2.15)
        #expect(part("decoder8.") == 2.12)
        #expect(part("decoder4.") == 2.51)
        #expect(part("decoder1,") == 2.08)
        #expect(summary.operations - summary.computedOperations > 1.99e9)
        #expect(summary.table.contains("43.04 M"))
    }

    /// What the operators of a forward pass report, on another size and with the paper's ablations.
    @Test(arguments: [true, false]) func operatorsCountTheSame(full: Bool) throws {
        let backend = ProfiledBackend(try CPUBackend(threads: 2))
        var configuration = ModelConfiguration()
        if !full {
            configuration.mixer = .linear
            configuration.fusion = .addition
        }
        let model = SegmentationModel(configuration: configuration, backend: backend, seed: 0, trains: false)
        let size = 96, batch = 2
        backend.reset()
        _ = model.forward(
            images: backend.bytes([UInt8](repeating: 7, count: batch * size * size * 3), [batch, size, size, 3]),
            text: backend.zeros([batch, configuration.tokens, configuration.textWidth]), tape: model.tape(.inference))
        let counted = backend.profile.operations / Double(batch), expected = ModelSummary(model, imageSize: size).computedOperations
        // The operators also count the folding of the head, once a pass.
        #expect(abs(counted - expected) < 2e-3 * expected, "\(counted), expected \(expected)")
    }
}

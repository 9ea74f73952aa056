// Parameters and arithmetic as published, and the arithmetic as the operators themselves count it.
import Networks
import Tensors
import Testing

@Suite struct ModelSummaryTests {
    @Test func publishedModel() throws {
        let model = UAVLS(ModelSetup(backend: try CPUBackend(threads: 2), trains: false, initialises: false))
        let summary = try ModelSummary(model)
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

    /// docs/models/ua-vls.md, "Figures": parameters as PyTorch's reference has them (Scripts/golden/printed.py).
    @Test(arguments: [("released", "paper", 43_950_844), ("paper", "released", 43_039_348), ("paper", "paper", 43_950_844)])
    func networksAsThePaperPrintsThem(equations: String, layers: String, parameters: Int) throws {
        var specification = UAVLS.descriptor.published
        try UAVLS.descriptor.set("equations", to: equations, in: &specification)
        try UAVLS.descriptor.set("layers", to: layers, in: &specification)
        let setup = ModelSetup(backend: try CPUBackend(threads: 1), trains: false, builds: false)
        let model = try UAVLS.descriptor.model(specification, setup), summary = try ModelSummary(model)
        #expect(summary.parameters == parameters && summary.parameters == model.parameters.trainedCount)
        #expect((summary.operations / 1e7).rounded() / 100 == (layers == "paper" ? 17.83 : 17.77))
    }

    /// What the operators of a forward pass report, on another size and with the paper's ablations.
    @Test(arguments: [true, false], UAVLS.Source.allCases) func operatorsCountTheSame(full: Bool, layers: UAVLS.Source) throws {
        var configuration = UAVLS.Configuration()
        configuration.layers = layers
        if layers == .paper { configuration.expansion = 0.75 }
        if !full {
            configuration.mixer = .linear
            configuration.fusion = .addition
        }
        let model = UAVLS(configuration, ModelSetup(backend: try CPUBackend(threads: 2), trains: false, initialises: false))
        let counted = try ModelSummary.counted(model, imageSize: 96), expected = try ModelSummary(model, imageSize: 96).computedOperations
        // The operators also count the folding of the head, once a pass.
        #expect(abs(counted - expected) < 4e-3 * expected, "\(counted), expected \(expected)")
    }
}

// UA-VLS as released and as its paper prints it, each with the switches of Table 2, against PyTorch in float64
// (Scripts/golden/equations.py): probabilities, losses and every gradient, on the CPU and on the stand-in for a GPU.
import EmulatedGPU
import Foundation
import GoldenSupport
import Networks
import Tensors
import TestSupport
import Testing
import Training

@Suite struct EquationTests {
    struct Golden: Codable, Sendable {
        struct Sizes: Codable, Sendable { let depths: String, widths: String, textPositions: String, tokens: Int, textWidth: Int }
        struct Case: Codable, Sendable {
            let options: [String: String], sizes: Sizes, image: String, recipe: String
            let evaluation: [String: GoldenTensor], training: [String: GoldenTensor]
            let losses: [String: [String: Double]]
            let logitGradients: [String: GoldenTensor]
            /// Place of the name, norm, largest magnitude, samples.
            let gradients: [[Double]]
            let zeroGradients: [Int]
        }
        let batch: Int, size: Int
        let parameters: [String]
        let cases: [Case]

        static let data = Bundle.module.url(forResource: "Golden/equations", withExtension: "json").flatMap { try? Data(contentsOf: $0) }
        static let shared = data.flatMap { try? JSONDecoder().decode(Golden.self, from: $0) }
    }

    static let cases = Array((Golden.shared?.cases ?? []).indices)
    /// The stand-in for a GPU takes minutes for a network of full size.
    static let smallCases = cases.filter { Golden.shared?.cases[$0].sizes.tokens == 8 }

    let golden: Golden

    init() throws { golden = try #require(Golden.shared) }

    @Test func everyGoldenValueIsRead() throws {
        #expect(try unreadKeys(of: try #require(Golden.data), by: Golden.self, besides: ["about", "float32"]) == [])
        #expect(Self.cases.count == 18 && Self.smallCases.count == 16)
        // Each switch of Table 2 with both sets of equations.
        for equations in ["released", "paper"] {
            for (option, value) in [("text-guidance", "off"), ("mixer", "linear"), ("fusion", "addition")] {
                #expect(golden.cases.contains { $0.options["equations"] == equations && $0.options[option] == value }, "\(option)")
            }
        }
    }

    private func model(_ gold: Golden.Case, _ backend: any Backend, _ activations: NumberFormat = .float32) throws -> any SegmentationModel
    {
        var specification = UAVLS.descriptor.published
        specification.text = TextShape(tokens: gold.sizes.tokens, width: gold.sizes.textWidth)
        let sizes = ["depths": gold.sizes.depths, "widths": gold.sizes.widths, "text-positions": gold.sizes.textPositions, "dropout": "0"]
        for (option, value) in gold.options.merging(sizes, uniquingKeysWith: { $1 }) {
            try UAVLS.descriptor.set(option, to: value, in: &specification)
        }
        let model = try UAVLS.descriptor.model(
            specification, ModelSetup(backend: backend, activations: activations, seed: 1, initialises: false))
        GoldenFormula.fill(model.parameters)
        return model
    }

    private func pass(_ model: any SegmentationModel, _ gold: Golden.Case, _ tape: Tape) -> ModelOutput {
        let backend = model.backend, batch = golden.batch, size = golden.size
        let text = model.specification.text.map { text in
            let shape = [batch, text.tokens, text.width]
            return backend.tensor(GoldenFormula.plain("text", shape.reduce(1, *)), shape)
        }
        let images = GoldenFormula.images(batch: batch, size: size, name: gold.image)
        return model(backend.bytes(images, [batch, size, size, 3]), text: text, tape)
    }

    private func target(_ backend: any Backend) -> ByteTensor {
        let size = golden.size
        let values = (0..<golden.batch).flatMap { b in
            (0..<(size * size)).map { place in
                let down = place / size - size / 2, across = place % size - size / 2 + 8 * b, radius = size - 16 * b
                return UInt8(16 * (down * down + across * across) <= radius * radius ? 1 : 0)
            }
        }
        return backend.bytes(values, [golden.batch, size, size])
    }

    private func expect(_ output: ModelOutput, _ golden: [String: GoldenTensor], on backend: any Backend, _ words: String) {
        let p = output.probabilities(Tape(backend: backend, mode: .inference))
        for (name, gold) in golden {
            let found = gold.differences(backend.values(name == "logits" ? output.logits : p), name: name)
            #expect(found.samples <= (name == "logits" ? 1e-4 * gold.maximum : 1e-4) && found.norm <= 1e-4, "\(words) \(name): \(found)")
        }
    }

    private func matches(_ number: Int, on backend: any Backend) throws {
        let gold = golden.cases[number], words = "\(gold.options)"
        let model = try model(gold, backend)
        expect(pass(model, gold, model.tape(.inference)), gold.evaluation, on: backend, words)

        let tape = model.tape(.training), output = pass(model, gold, tape), target = target(backend)
        expect(output, gold.training, on: backend, words)
        for (name, terms) in gold.losses {
            let leaf = backend.tensor(backend.values(output.logits), [output.logits.count]).parameterView(
                output.logits.shape, at: 0, gradients: backend.zeros([output.logits.count]))
            let first = Tape(backend: backend, mode: .training)
            let found = SegmentationLoss(LossConfiguration(name)).evaluate(ModelOutput(logits: leaf), target: target, tape: first)
            first.backward()
            for (term, value) in terms {
                let part = try #require(term == "total" ? found.total : found[term])
                #expect(abs(part - value) <= 1e-5, "\(words) \(name) \(term): \(part), expected \(value)")
            }
            let expected = try #require(gold.logitGradients[name])
            let gradient = expected.differences(backend.values(try #require(leaf.gradient)), name: "loss " + name)
            #expect(gradient.norm <= 1e-3 && gradient.samples <= 1e-3 * expected.maximum, "\(words) \(name) at the logits: \(gradient)")
        }

        // The loss that the recipe has for these options.
        let recipe = UAVLS.descriptor.recipe(model.specification)
        #expect(recipe.loss.name == gold.recipe)
        SegmentationLoss(recipe.loss).enqueue(output, target: target, tape: tape, terms: backend.zeros([LossWeights.Term.allCases.count]))
        tape.backward()
        try backend.check()
        let trained = Set(model.parameters.entries.filter { $0.role == .trained }.map(\.name))
        #expect(Set((gold.gradients.map { Int($0[0]) } + gold.zeroGradients).map { golden.parameters[$0] }) == trained)
        for place in gold.zeroGradients {
            let name = golden.parameters[place], gradient = try #require(model.parameters.gradient(name))
            #expect(gradient.allSatisfy { abs($0) <= 1e-6 }, "\(words) \(name): expected 0 but for rounding")
        }
        for numbers in gold.gradients {
            let name = golden.parameters[Int(numbers[0])], gradient = try #require(model.parameters.gradient(name))
            let norm = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(norm - numbers[1]) <= 1e-3 * numbers[1], "\(words) \(name): norm \(norm), expected \(numbers[1])")
            let samples = numbers.dropFirst(3), places = GoldenFormula.sampleIndices(name, size: gradient.count, count: samples.count)
            for (place, value) in zip(places, samples) {
                #expect(
                    abs(Double(gradient[place]) - value) <= 1e-3 * numbers[2], "\(words) \(name): \(gradient[place]), expected \(value)")
            }
        }
    }

    @Test(arguments: cases) func matchesOnTheCPU(number: Int) throws {
        try matches(number, on: try CPUBackend(threads: 2, winogradConvolutions: false))
    }

    @Test(arguments: smallCases) func matchesOnAGPU(number: Int) throws {
        try matches(number, on: try EmulatedGPU.backend(CUDAOptions(formats: [])))
    }

    /// With activations in bf16 a network stays near the float64 reference, on both devices.
    @Test(arguments: smallCases, [false, true]) func bf16StaysNear(number: Int, onGPU: Bool) throws {
        let backend: any Backend = try onGPU ? EmulatedGPU.backend() : CPUBackend(threads: 2)
        let gold = golden.cases[number], model = try model(gold, backend, .bfloat16), tape = model.tape(.training)
        let output = pass(model, gold, tape), loss = SegmentationLoss(LossConfiguration(gold.recipe))
        let terms = loss.evaluate(output, target: target(backend), tape: tape)
        tape.backward()
        try backend.check()
        let p = output.probabilities(Tape(backend: backend, mode: .inference))
        let found = try #require(gold.training["probabilities"]).differences(backend.values(p), name: "probabilities")
        #expect(found.norm <= 2e-2 && found.samples <= 0.1, "\(gold.options): \(found)")
        let total = try #require(gold.losses[gold.recipe]?["total"])
        #expect(abs(terms.total - total) <= 5e-3, "\(gold.options): \(terms)")
        // But for the guide layers' scales: the gradient of each is a single sum of both signs, which comes to little.
        let norms = try gold.gradients.compactMap { numbers -> Double? in
            let name = golden.parameters[Int(numbers[0])], gradient = try #require(model.parameters.gradient(name))
            if name.hasSuffix(".guide_layer.scale") { return nil }
            return abs(gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() - numbers[1]) / numbers[1]
        }.sorted()
        #expect(
            norms[norms.count / 2] <= 5e-2 && (norms.last ?? 1) <= 0.3,
            "\(gold.options): \(norms[norms.count / 2]), \(norms.suffix(3))")
    }
}

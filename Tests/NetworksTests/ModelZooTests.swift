// What must hold of every network in the zoo, and the options of UA-VLS.
import Files
import Foundation
import Networks
import Randomness
import Tensors
import TestSupport
import Testing
import WeightFiles

@Suite(.serialized) struct ModelZooTests {
    static let names = ModelZoo.names

    private func descriptor(_ name: String) throws -> ModelDescriptor { try ModelZoo.descriptor(named: name) }

    private func input(_ model: any SegmentationModel, batch: Int, size: Int) -> (images: ByteTensor, text: Tensor?) {
        let images = (0..<(batch * size * size * 3)).map { UInt8(truncatingIfNeeded: SplitMix64.hash(UInt64($0))) }
        let text = model.specification.text.map { text in
            let shape = [batch, text.tokens, text.width]
            return model.backend.tensor((0..<shape.reduce(1, *)).map { Float(SplitMix64.hash(UInt64($0)) % 200) / 100 - 1 }, shape)
        }
        return (model.backend.bytes(images, [batch, size, size, 3]), text)
    }

    @Test func namesAreUniqueAndPublishedOptionsAreAllowed() throws {
        #expect(Set(Self.names).count == Self.names.count)
        for descriptor in ModelZoo.models {
            #expect(try descriptor.checked(descriptor.published) == descriptor.published, "\(descriptor.name)")
            #expect(!descriptor.citation.isEmpty && !descriptor.weights.isEmpty)
        }
    }

    @Test(arguments: names) func aPassGivesLogitsGradientsAndTaps(name: String) throws {
        let descriptor = try descriptor(name), backend = try CPUBackend(threads: 2), size = descriptor.image.multiple * 2
        let model = try descriptor.model(descriptor.published, ModelSetup(backend: backend, seed: 1))
        #expect(model.specification == descriptor.published)
        let (images, text) = input(model, batch: 2, size: size)
        let tape = model.tape(.training)
        let output = model(images, text: text, tape)
        #expect(output.logits.shape == [2, size, size] && output.taps.isEmpty && !tape.tapNames.isEmpty)
        tape.start(backend.tensor([Float](repeating: 1, count: output.logits.count), output.logits.shape), at: output.logits)
        tape.backward()
        try backend.check()
        for entry in model.parameters.entries where entry.role == .trained {
            #expect(try #require(model.parameters.gradient(entry.name)).allSatisfy(\.isFinite), "\(entry.name)")
        }
    }

    @Test(arguments: names) func weightsComeBackAsTheyWere(name: String) throws {
        let descriptor = try descriptor(name), backend = try CPUBackend(threads: 2), folder = try TemporaryFolder()
        let path = folder.file("weights.safetensors")
        let first = try descriptor.model(descriptor.published, ModelSetup(backend: backend, seed: 1, trains: false))
        try first.save(to: path)
        let second = try descriptor.model(descriptor.published, ModelSetup(backend: backend, seed: 2, trains: false))
        #expect(backend.values(second.parameters.values) != backend.values(first.parameters.values))
        let report = try second.load(try WeightFile.open(path))
        #expect(report.isComplete && report.extra.isEmpty, "\(report)")
        #expect(backend.values(second.parameters.values) == backend.values(first.parameters.values))
    }

    /// A network without room for parameter gradients has interior ones, those of the network that trains; and the image's equals
    /// differences.
    @Test(arguments: names) func interiorGradientsNeedNoParameterGradients(name: String) throws {
        let descriptor = try descriptor(name), backend = try CPUBackend(threads: 2), size = descriptor.image.multiple * 2
        func explained(trains: Bool) throws -> (model: any SegmentationModel, gradients: [String: [Float]]) {
            let model = try descriptor.model(descriptor.published, ModelSetup(backend: backend, seed: 1, trains: trains))
            let (images, text) = input(model, batch: 1, size: size)
            let names = model.tape(.inference)
            _ = model(images, text: text, names)
            let tape = model.tape(.explanation, taps: TapRequest(gradients: Set(names.tapNames)))
            let logits = model(images, text: text, tape).logits
            tape.start(backend.tensor([Float](repeating: 1, count: logits.count), logits.shape), at: logits)
            tape.backward()
            try backend.check()
            #expect(Set(tape.tapGradients.keys) == Set(names.tapNames))
            return (model, tape.tapGradients.mapValues { backend.values($0) })
        }
        let (model, gradients) = try explained(trains: false)
        #expect(try explained(trains: true).gradients == gradients)

        let (images, text) = input(model, batch: 1, size: size)
        let normalised = descriptor.image.normalised(images, activations: .float32, on: backend)
        let gradient = try #require(gradients["image"]), start = backend.values(normalised)
        // Along the gradient, where the change is largest against rounding.
        let length = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot(), step = 0.02
        func sum(_ sign: Double) -> Double {
            let moved = zip(start, gradient).map { Float(Double($0) + sign * step * Double($1) / length) }
            let output = model(
                ModelInput(images: backend.tensor(moved, normalised.shape), text: text.map(TextInput.init)), model.tape(.inference))
            return backend.values(output.logits).reduce(0) { $0 + Double($1) }
        }
        let numeric = (sum(1) - sum(-1)) / (2 * step)
        #expect(abs(numeric - length) <= 2e-2 * length, "\(numeric), expected \(length)")
    }

    @Test(arguments: names) func samplingDrawsDropoutAndInferenceDoesNot(name: String) throws {
        let descriptor = try descriptor(name), backend = try CPUBackend(threads: 2), size = descriptor.image.multiple * 2
        guard descriptor.options.contains(where: { $0.name == "dropout" }) else { return }
        let model = try descriptor.model(descriptor.published, ModelSetup(backend: backend, seed: 1, trains: false))
        let (images, text) = input(model, batch: 1, size: size)
        func logits(_ mode: Mode, _ seed: UInt64) -> [Float] {
            backend.values(model(images, text: text, model.tape(mode, dropoutSeed: seed)).logits)
        }
        let buffers = model.parameters.entries.filter { $0.role == .statistic }.map { model.parameters.value($0.name) }
        #expect(logits(.sampling, 1) != logits(.sampling, 2) && logits(.sampling, 1) == logits(.sampling, 1))
        #expect(logits(.inference, 1) == logits(.inference, 2))
        #expect(model.parameters.entries.filter { $0.role == .statistic }.map { model.parameters.value($0.name) } == buffers)
    }

    // MARK: Options of UA-VLS

    private func small(_ options: [String: String]) throws -> ModelSpecification {
        let descriptor = try descriptor("ua-vls")
        var result = descriptor.published
        result.text = TextShape(tokens: 8, width: 40)
        for (key, value) in ["depths": "1,1,1,1", "widths": "16,16,32,32", "text-positions": "8,5,4"].merging(
            options, uniquingKeysWith: { $1 })
        {
            try descriptor.set(key, to: value, in: &result)
        }
        return try descriptor.checked(result)
    }

    /// The switches of the paper's Table 2: what each takes away and leaves.
    @Test(arguments: [
        (option: "text-guidance", value: "off", gone: ".guide_layer.", kept: ".decoder."),
        (option: "mixer", value: "linear", gone: ".A_log", kept: ".in_proj.weight"),
        (option: "fusion", value: "addition", gone: ".cross_attn.", kept: ".cross_attn_norm."),
    ])
    func aSwitchTakesItsPartAway(option: String, value: String, gone: String, kept: String) throws {
        let backend = try CPUBackend(threads: 1)
        func build(_ options: [String: String]) throws -> (names: [String], logits: [Float]) {
            let model = try ModelZoo.model(try small(options), ModelSetup(backend: backend, seed: 4))
            let (images, text) = input(model, batch: 2, size: 64)
            let logits = backend.values(model(images, text: text, model.tape(.inference)).logits)
            return (model.parameters.entries.map(\.name), logits)
        }
        let published = try build([:]), changed = try build([option: value])
        #expect(published.names.contains { $0.contains(gone) } && !changed.names.contains { $0.contains(gone) })
        #expect(changed.names.contains { $0.contains(kept) } && Set(changed.names).isSubset(of: published.names))
        #expect(changed.logits != published.logits && changed.logits.allSatisfy(\.isFinite))
    }

    @Test func withoutGuidanceNoTextIsRead() throws {
        let specification = try small(["text-guidance": "off"])
        #expect(specification.text == nil)
        #expect(try !descriptor("ua-vls").readsText(specification))
    }

    @Test(arguments: [
        (
            "mixture", "linear",
            "ua-vls has no option \"mixture\"; it has equations, layers, expansion, text-guidance, mixer, fusion, dropout, depths, widths, text-positions"
        ),
        ("mixer", "mamba", "ua-vls's option mixer is \"mamba\", expected ssmix|linear"),
        (
            "widths", "16,16,30,32",
            "ua-vls's option widths is \"16,16,30,32\", expected 4 multiples of 4 from 4 to 4096, such as 96,192,384,768"
        ),
        ("dropout", "1", "ua-vls's option dropout is \"1\", expected 0.0 to 0.99"),
        ("depths", "3,3,9", "ua-vls's option depths is \"3,3,9\", expected 4 whole numbers from 1 to 64, such as 3,3,9,3"),
        ("depths", "3,3,9,3,", "ua-vls's option depths is \"3,3,9,3,\", expected 4 whole numbers from 1 to 64, such as 3,3,9,3"),
    ])
    func whatIsNoOptionIsRefused(option: String, value: String, words: String) throws {
        let descriptor = try descriptor("ua-vls")
        var specification = descriptor.published
        let error = #expect(throws: NetworkError.self) { try descriptor.set(option, to: value, in: &specification) }
        #expect(error.map { "\($0)" } == words)
    }

    @Test(arguments: [
        (
            ["expansion": "1"],
            "expansion is \"1.0\", expected 0.5 with layers=released, whose mixer gives back 2 gamma C channels for C; add layers=paper"
        ),
        (
            ["layers": "paper"],
            "text-positions is \"8,5,4\", expected no value with layers=paper, whose mixer keeps all positions (eq. 19): leave one of the two out"
        ),
        (
            ["layers": "paper", "text-positions": "24,12,9", "text-guidance": "off"],
            "layers is \"paper\", expected no value with text-guidance=off, where it has no effect: leave one of the two out"
        ),
    ])
    func optionsThatDoNotGoTogetherAreRefused(options: [String: String], words: String) throws {
        let error = #expect(throws: NetworkError.self) { try small(options) }
        #expect(error.map { "\($0)" } == "ua-vls's option " + words)
    }

    /// Published weights load with the paper's equations: names, shapes, order and initial values are those of the released network.
    @Test func thePapersEquationsKeepTheWeights() throws {
        let backend = try CPUBackend(threads: 1), setup = ModelSetup(backend: backend, seed: 4)
        let released = try ModelZoo.model(try small([:]), setup), paper = try ModelZoo.model(try small(["equations": "paper"]), setup)
        #expect(released.parameters.entries.map(\.name) == paper.parameters.entries.map(\.name))
        #expect(released.parameters.entries.map(\.fileShape) == paper.parameters.entries.map(\.fileShape))
        #expect(backend.values(released.parameters.values) == backend.values(paper.parameters.values))
        #expect(released.specification.options["equations"] == "released" && paper.specification.options["equations"] == "paper")
    }

    @Test func theRecipesLossFollowsTheEquations() throws {
        let descriptor = try descriptor("ua-vls")
        #expect(descriptor.recipe(descriptor.published) == descriptor.recipe && descriptor.recipe.loss.name == "seu")
        let loss = descriptor.recipe(try small(["equations": "paper"])).loss
        #expect(loss.name == "seu-paper" && loss.entropy == .twoClass && loss.spectralWeight == 0.3 && loss.entropyWeight == 0.1)
        #expect(descriptor.recipe(try small(["layers": "paper", "text-positions": "24,12,9"])).loss.name == "seu")
    }

    @Test func numbersAreKeptInOneSpelling() throws {
        #expect(try small(["dropout": "0.10", "depths": "01,1,1,1"]) == small(["dropout": "1e-1"]))
    }

    @Test func anUnknownNetworkIsRefusedByName() {
        let error = #expect(throws: NetworkError.self) { try ModelZoo.descriptor(named: "unet-9000") }
        #expect(error.map { "\($0)" }?.hasPrefix("model \"unet-9000\" is not one of ua-vls") == true)
    }

    /// config.json and checkpoints from before networks had names.
    @Test func settingsWithoutANameAreThoseOfUAVLS() throws {
        let old = #"""
            {"dropout":0.25,"encoder":{"depths":[1,1,1,1],"widths":[16,16,32,32]},"fusion":"addition","mixer":"linear",
            "textPositions":[8,5,4],"textWidth":40,"tokens":8,"useMoDAB":true}
            """#
        let read = try JSONDecoder().decode(ModelSpecification.self, from: Data(old.utf8))
        #expect(try read == small(["dropout": "0.25", "fusion": "addition", "mixer": "linear"]))
        let again = try JSONDecoder().decode(ModelSpecification.self, from: JSONEncoder().encode(read))
        #expect(again == read)
    }
}

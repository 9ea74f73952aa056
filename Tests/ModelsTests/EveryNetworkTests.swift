// What must hold of every network of the zoo, whatever it computes. Its values are compared in GoldenNetworkTests, options and taps in
// ModelZooTests.
import Foundation
import Networks
import Randomness
import Tensors
import TestSupport
import Testing
import WeightFiles

@Suite struct EveryNetworkTests {
    static let names = ModelZoo.names

    private func model(_ name: String, trains: Bool = false, seed: UInt64 = 1) throws -> any SegmentationModel {
        let descriptor = try ModelZoo.descriptor(named: name)
        return try descriptor.model(descriptor.published, ModelSetup(backend: try CPUBackend(threads: 2), seed: seed, trains: trains))
    }

    /// Images and text of so many samples, the same whatever the batch.
    private func input(_ model: any SegmentationModel, batch: Int, height: Int, width: Int) -> (images: ByteTensor, text: Tensor?) {
        let backend = model.backend,
            images = (0..<(batch * height * width * 3)).map { UInt8(truncatingIfNeeded: SplitMix64.hash(UInt64($0))) }
        let text = model.specification.text.map { text in
            let shape = [batch, text.tokens, text.width]
            return backend.tensor((0..<shape.reduce(1, *)).map { Float(SplitMix64.hash(UInt64($0)) % 200) / 100 - 1 }, shape)
        }
        return (backend.bytes(images, [batch, height, width, 3]), text)
    }

    private func logits(_ model: any SegmentationModel, batch: Int, height: Int, width: Int, mode: Mode = .inference) throws -> [Float] {
        let (images, text) = input(model, batch: batch, height: height, width: width)
        let tape = model.tape(mode), output = model(images, text: text, tape)
        tape.discard()
        try model.backend.check()
        #expect(output.logits.shape == [batch, height, width] && output.logits.format == .float32)
        return model.backend.values(output.logits)
    }

    @Test(arguments: names) func aPassWorksAtTwoSizes(name: String) throws {
        let model = try model(name), multiple = model.descriptor.image.multiple
        for (height, width) in [(2 * multiple, 2 * multiple), (3 * multiple, 2 * multiple)] {
            let found = try logits(model, batch: 2, height: height, width: width)
            #expect(found.allSatisfy { $0.isFinite } && Set(found).count > 2, "\(height)x\(width)")
        }
    }

    /// With running statistics, since a bias before a norm of the batch has none; and from all supervised branches.
    @Test(arguments: names) func aGradientReachesEveryTrainedParameter(name: String) throws {
        let model = try model(name, trains: true), size = 2 * model.descriptor.image.multiple, backend = model.backend
        let (images, text) = input(model, batch: 2, height: size, width: size)
        let tape = model.tape(.explanation), output = model(images, text: text, tape)
        for (number, logits) in ([output.logits] + output.auxiliary.map(\.logits)).enumerated() {
            let start = (0..<logits.count).map { Float(SplitMix64.hash(UInt64(number * logits.count + $0)) % 200) / 100 - 1 }
            tape.start(backend.tensor(start, logits.shape), at: logits)
        }
        tape.backward()
        try backend.check()
        for entry in model.parameters.entries where entry.role == .trained {
            let gradient = try #require(model.parameters.gradient(entry.name))
            #expect(gradient.allSatisfy { $0.isFinite } && gradient.contains { $0 != 0 }, "\(entry.name)")
        }
    }

    @Test(arguments: names) func aCheckpointGivesTheSameNetwork(name: String) throws {
        let folder = try TemporaryFolder(), path = folder.file("weights.safetensors"),
            size = 2 * (try ModelZoo.descriptor(named: name)).image.multiple
        let first = try model(name)
        // A training pass, so that statistics are no longer those of the start.
        _ = try logits(first, batch: 2, height: size, width: size, mode: Mode(recordsGradients: false, dropout: false, statistics: .batch))
        try first.save(to: path, metadata: ["step": "7"])
        let second = try model(name, seed: 2)
        let report = try second.load(try WeightFile.open(path))
        #expect(report.isComplete && report.extra.isEmpty, "\(report)")
        let found = try logits(second, batch: 1, height: size, width: size),
            expected = try logits(first, batch: 1, height: size, width: size)
        #expect(found == expected)
    }

    /// A sample's result does not depend on the others, and passes repeat to the bit.
    @Test(arguments: names) func aBatchOfOneIsItsPartOfALargerOne(name: String) throws {
        let model = try model(name), size = 2 * model.descriptor.image.multiple
        let one = try logits(model, batch: 1, height: size, width: size), two = try logits(model, batch: 2, height: size, width: size)
        let scale = two.map(abs).max() ?? 1
        #expect(zip(one, two).allSatisfy { abs($0 - $1) <= 1e-4 * scale })
        let again = try logits(model, batch: 2, height: size, width: size)
        #expect(again == two)
    }

    @Test(arguments: names) func trainingOnOneImageGivesFiniteGradients(name: String) throws {
        let model = try model(name, trains: true), size = 2 * model.descriptor.image.multiple, backend = model.backend
        let (images, text) = input(model, batch: 1, height: size, width: size)
        let target = backend.bytes((0..<(size * size)).map { UInt8($0 / size / 16 % 2) }, [1, size, size])
        let tape = model.tape(.training, dropoutSeed: 3)
        let terms = SegmentationLoss(model.descriptor.recipe(model.specification).loss).evaluate(
            model(images, text: text, tape), target: target, tape: tape)
        tape.backward()
        try backend.check()
        #expect(terms.isFinite)
        #expect(backend.values(try #require(model.parameters.gradients)).allSatisfy { $0.isFinite })
    }
}

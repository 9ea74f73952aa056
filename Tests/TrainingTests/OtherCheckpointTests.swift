// Checkpoints that nearly fit: of a larger network, of other classes, of a part, without a prefix. What would give a wrong result is
// refused with its reason.
import Foundation
import Networks
import Segmenting
import Tensors
import TestSupport
import Testing
import Training
import WeightFiles

@Suite struct OtherCheckpointTests {
    private let folder: TemporaryFolder, backend: CPUBackend
    private let narrow = ["head-width": "2"]

    init() throws {
        folder = try TemporaryFolder()
        backend = try CPUBackend(threads: 1)
    }

    /// A network's weights in a file without metadata, under changed names, with one tensor replaced or added.
    private func file(
        _ name: String, of descriptor: ModelDescriptor, _ options: [String: String], rename: (String) -> String? = { $0 },
        change: (name: String, shape: [Int])? = nil
    ) throws -> String {
        var specification = descriptor.published
        for (key, value) in options { try descriptor.set(key, to: value, in: &specification) }
        let model = try descriptor.model(specification, ModelSetup(backend: backend, seed: 7, trains: false))
        var writer = SafetensorsWriter()
        for entry in model.parameters.entries where entry.name != change?.name {
            guard let new = rename(entry.name) else { continue }
            writer.add(new, shape: entry.fileShape, try #require(model.parameters.value(entry.name)))
        }
        if let change {
            writer.add(change.name, shape: change.shape, [Float](repeating: 0.5, count: change.shape.reduce(1, *)))
        }
        let path = folder.file(name + ".safetensors")
        try writer.write(to: path)
        return path
    }

    private func refusal(_ path: String, _ name: String?, _ options: [String: String] = [:]) -> String {
        let error = #expect(throws: SegmentingError.self) {
            try TrainedModel(
                checkpoint: path, textEncoder: nil, request: ModelRequest(name: name, options: options.map { ($0.key, $0.value) }),
                text: .features(TextShape(tokens: 24, width: 768), path: "text.npy"), backend: backend)
        }
        return error.map { "\($0)" } ?? ""
    }

    @Test func aLargerNetworkIsRefused() throws {
        let deeper = try file("deeper", of: SwinUnet.descriptor, narrow.merging(["depths": "2,2,6,2"]) { $1 })
        let text = refusal(deeper, "swinunet", narrow)
        #expect(text.contains("belong to a larger Swin-Unet") && text.contains("swin_unet.layers.2.blocks.2."), "\(text)")
        let further = try file("further", of: UNet.descriptor, ["width": "4"], change: ("up1.nConvs.2.conv.weight", [32, 32, 3, 3]))
        #expect(refusal(further, "unet", ["width": "4"]).contains("1 of its tensors belong to a larger U-Net"))
    }

    @Test func aTensorBesideTheNetworkIsNotItsOwn() throws {
        let path = try file("averaged", of: UNet.descriptor, ["width": "4"], change: ("n_averaged", [1]))
        let model = try TrainedModel(
            checkpoint: path, textEncoder: nil, request: ModelRequest(name: "unet", options: [("width", "4")]), backend: backend)
        #expect(model.notes.contains("\(path): 1 of its tensors are not used (n_averaged, ...)"), "\(model.notes)")
    }

    @Test func otherClassesBeginTheLastLayerAnew() throws {
        let path = try file("synapse", of: SwinUnet.descriptor, narrow, change: ("swin_unet.output.weight", [9, 6, 1, 1]))
        let text = refusal(path, "swinunet", narrow)
        #expect(text.contains("another number of classes (swin_unet.output.weight [9, 6, 1, 1], expected [1, 6, 1, 1])"), "\(text)")
        let runs = try Runs(size: 224), observer = Observer()
        func choose(_ configuration: inout RunConfiguration) {
            configuration = RunConfiguration(shards: configuration.shards, model: SwinUnet.descriptor)
            configuration.model.options["head-width"] = "2"
            configuration.initialWeights = path
            configuration.batchSize = 2
        }
        try runs.train("from", steps: 1, observer: observer, change: choose)
        #expect(observer.notes.contains { $0.contains("1 of another shape (swin_unet.output.weight") }, "\(observer.notes)")
        let other = try file("other", of: SwinUnet.descriptor, narrow, change: ("swin_unet.norm_up.weight", [7]))
        #expect(refusal(other, "swinunet", narrow).contains("these are the weights of another model"))
    }

    /// Neither taken for a part of the network nor for another network.
    @Test func aSwinUnetWithoutItsWrapperIsNamedAsForeign() throws {
        let path = try file("inner", of: SwinUnet.descriptor, narrow, rename: { String($0.dropFirst("swin_unet.".count)) })
        for name in ["swinunet", nil] {
            #expect(refusal(path, name).contains("none of its tensors belongs to the segmentation model"))
        }
        let unet = try file("unet", of: UNet.descriptor, ["width": "4"])
        #expect(refusal(unet, "swinunet").contains("is a checkpoint of unet, expected one of swinunet"))
    }

    @Test func anEncoderAloneIsNotAWholeNetwork() throws {
        let options = ["depths": "1,1,1,1", "widths": "32,64,96,128", "text-positions": "3,3,3"]
        let path = try file("encoder", of: Ariadne.descriptor, options, rename: { $0.hasPrefix("encoder.model.") ? $0 : nil })
        let text = refusal(path, "ariadne", options)
        #expect(text.contains("holds only a part of the model"), "\(text)")
    }

    /// The head that the network does not use has 512 channels in the published default.
    @Test func aHeadThatNothingUsesMayHaveAnySize() throws {
        let path = try file("head", of: Ariadne.descriptor, [:], change: ("encoder.project_head.weight", [512, 768]))
        _ = try TrainedModel(
            checkpoint: path, textEncoder: nil, request: ModelRequest(name: "ariadne"),
            text: .features(TextShape(tokens: 24, width: 768), path: "text.npy"), backend: backend)
    }
}

// The weight files of Swin-Unet: published checkpoints as they are, a Swin Transformer's for encoder and decoder, and what is written
// beside parameters.
import Foundation
import Networks
import Tensors
import TestSupport
import Testing
import WeightFiles

@Suite struct SwinUnetWeightsTests {
    private struct Tables: Decodable {
        struct Content: Decodable { let relativePositionIndex: [Double], maskedPairs: [Int], lastMaskRow: [Float] }
        let tables: Content
    }

    private func model(_ options: [String: String] = ["head-width": "2"], seed: UInt64 = 1) throws -> any SegmentationModel {
        var specification = SwinUnet.descriptor.published
        for (key, value) in options { try SwinUnet.descriptor.set(key, to: value, in: &specification) }
        return try SwinUnet.descriptor.model(specification, ModelSetup(backend: try CPUBackend(threads: 1), seed: seed, trains: false))
    }

    /// All 238 entries of the published checkpoint, tables and masks with the published values.
    @Test func aCheckpointHasEveryPublishedEntry() throws {
        let golden = try GoldenNetwork.read("swinunet"), folder = try TemporaryFolder(), path = folder.file("swin.safetensors")
        try model([:]).save(to: path)
        let file = try WeightFile.open(path)
        let found = Dictionary(uniqueKeysWithValues: file.entries.map { ($0.name, $0.shape) })
        #expect(found == golden.names.mapValues(\.shape))
        let tables = try JSONDecoder().decode(Tables.self, from: GoldenNetwork.data("operators")).tables
        let name = "swin_unet.layers_up.3.blocks.1."
        #expect(file.entries.first { $0.name == name + "attn.relative_position_index" }?.type == .int64)
        #expect(try file.float32(name + "attn.relative_position_index").map(Double.init) == tables.relativePositionIndex)
        // The mask of the 14 x 14 map.
        let mask = try file.float32("swin_unet.layers.2.blocks.1.attn_mask")
        #expect((0..<4).map { window in mask[(window * 2401)..<((window + 1) * 2401)].filter { $0 != 0 }.count } == tables.maskedPairs)
        #expect(Array(mask[(2401 + 6 * 49)..<(2401 + 7 * 49)]) == tables.lastMaskRow)
    }

    /// As data-parallel training saves it: a prefix before all names, tables and masks among the parameters.
    @Test func aPublishedCheckpointLoadsAsItIs() throws {
        let folder = try TemporaryFolder(), path = folder.file("best.safetensors"), first = try model()
        var writer = SafetensorsWriter()
        for entry in first.parameters.entries {
            writer.add("module." + entry.name, shape: entry.fileShape, try #require(first.parameters.value(entry.name)))
        }
        writer.add("module.swin_unet.layers.0.blocks.0.attn.relative_position_index", shape: [49, 49], [Int64](repeating: 0, count: 2401))
        writer.add("module.swin_unet.layers.2.blocks.1.attn_mask", shape: [4, 49, 49], [Float](repeating: 0, count: 9604))
        try writer.write(to: path)
        let second = try model(seed: 2), report = try second.load(try WeightFile.open(path))
        #expect(report.isComplete && report.extra.isEmpty && report.notes == ["names without the prefix \"module.\""], "\(report)")
        #expect(second.backend.values(second.parameters.values) == first.backend.values(first.parameters.values))
    }

    /// A Swin-T as its authors publish it: six blocks in stage 2, a classifier, tables and masks.
    private func swinTransformer(
        _ width: Int, deeper: Bool = true, window: Int = 7, without: String? = nil
    ) throws -> (
        folder: TemporaryFolder, file: WeightFile
    ) {
        let folder = try TemporaryFolder(),
            encoder = try model(["head-width": "\(width / 3)", "depths": deeper ? "2,2,6,2" : "2,2,2,2"], seed: 9)
        var writer = SafetensorsWriter()
        for entry in encoder.parameters.entries {
            let name = entry.name.dropFirst("swin_unet.".count)
            guard name.hasPrefix("layers.") || name.hasPrefix("patch_embed.") || name.hasPrefix("norm."), entry.name != without else {
                continue
            }
            var shape = entry.fileShape, values = try #require(encoder.parameters.value(entry.name))
            if window != 7, name.hasSuffix("bias_table") {
                shape[0] = (2 * window - 1) * (2 * window - 1)
                values = [Float](repeating: 1, count: shape[0] * shape[1])
            }
            writer.add(String(name), shape: shape, values)
        }
        writer.add("layers.0.blocks.1.attn_mask", shape: [64, 49, 49], [Float](repeating: 0, count: 64 * 2401))
        writer.add("layers.0.blocks.1.attn.relative_position_index", shape: [49, 49], [Int64](repeating: 0, count: 2401))
        writer.add("head.weight", shape: [2, 8 * width], [Float](repeating: 0, count: 16 * width))
        try writer.write(to: folder.file("swin.safetensors"))
        return (folder, try WeightFile.open(folder.file("swin.safetensors")))
    }

    @Test func aSwinTransformerStartsEncoderAndDecoder() throws {
        let (_, file) = try swinTransformer(6), network = try model(), report = try network.load(file)
        func value(_ name: String) throws -> [Float] { try #require(network.parameters.value("swin_unet." + name)) }
        for entry in network.parameters.entries where entry.name.hasPrefix("swin_unet.layers.") {
            let name = String(entry.name.dropFirst("swin_unet.".count))
            #expect(try value(name) == file.float32(name), "\(name)")
        }
        for (from, to) in [
            ("0.blocks.1.mlp.fc1.weight", "3.blocks.1.mlp.fc1.weight"), ("2.blocks.0.attn.qkv.bias", "1.blocks.0.attn.qkv.bias"),
        ] {
            #expect(try value("layers_up." + to) == file.float32("layers." + from))
        }
        #expect(try value("norm.weight") == file.float32("norm.weight"))
        // What a Swin-T has no counterpart of.
        #expect(
            report.missing.allSatisfy {
                $0.hasPrefix("swin_unet.") && ($0.contains("concat") || $0.contains("up") || $0.hasSuffix("output.weight"))
            })
        #expect(report.missing.allSatisfy { !$0.contains(".blocks.") } && report.misshaped.isEmpty)
        #expect(report.extra.allSatisfy { $0.hasPrefix("head.") || $0.hasPrefix("layers.2.blocks.") } && report.extra.count == 1 + 4 * 13)
        #expect(report.notes.first?.hasPrefix("the encoder alone, in the names of the Swin Transformer's authors") == true)
    }

    @Test func tablesOfAnotherWindowAreLeftOutAndSaid() throws {
        let (_, file) = try swinTransformer(6, window: 12), report = try model().load(file)
        #expect(report.misshaped.isEmpty && report.notes.last?.contains(" of other shapes left out (") == true, "\(report)")
    }

    @Test func anotherWidthOrAPartOfOneIsRefused() throws {
        let (_, wide) = try swinTransformer(12)
        let error = #expect(throws: NetworkError.self) { try model().load(wide) }
        #expect(
            error.map { "\($0)" }?.hasSuffix(
                "this is a Swin Transformer of width 12; this network's encoder has width 6") == true, "\(String(describing: error))")
        let (_, part) = try swinTransformer(6, without: "swin_unet.layers.1.blocks.0.attn.qkv.weight")
        let other = #expect(throws: NetworkError.self) { try model().load(part) }
        #expect(other.map { "\($0)" }?.contains("lacks 1 of its tensors (swin_unet.layers.1.blocks.0.attn.qkv.weight)") == true)
    }
}

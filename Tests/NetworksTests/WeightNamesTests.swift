// Weights under the names that other libraries give them: one image encoder in four naming schemes, whole checkpoints under prefixes, and
// what is refused by name.
import Files
import Foundation
import GoldenSupport
import Networks
import Tensors
import TestSupport
import Testing
import WeightFiles

@Suite struct WeightNamesTests {
    static let configuration = {
        var configuration = UAVLS.Configuration()
        configuration.encoder.depths = [1, 2, 1, 1]
        configuration.encoder.widths = [16, 16, 16, 16]
        configuration.textWidth = 32
        return configuration
    }()

    private func model() throws -> UAVLS {
        UAVLS(Self.configuration, ModelSetup(backend: try CPUBackend(threads: 1), seed: 3, trains: false))
    }

    /// The image encoder's entries without their prefix: Hugging Face's names.
    private func encoder(of model: UAVLS) -> [(name: String, shape: [Int], values: [Float])] {
        model.parameters.entries.filter { $0.name.hasPrefix("encoder.model.") }.map {
            (String($0.name.dropFirst("encoder.model.".count)), $0.fileShape, GoldenFormula.values($0.name, $0.fileShape))
        }
    }

    /// A name in another scheme, spelled out here once more so that the test does not believe the library.
    private static func rename(_ name: String, _ scheme: String) -> String {
        var p = name.split(separator: ".").map(String.init)
        let last = p.removeLast()
        switch (scheme, p[0]) {
        case ("huggingFace", _): return name
        case (_, "layernorm"):
            return ["authors": "norm.", "timm": "head.norm.", "torchvision": "classifier.0."][scheme, default: ""] + last
        case (_, "embeddings"):
            let place = p[1] == "patch_embeddings" ? "0" : "1"
            return ["authors": "downsample_layers.0.", "timm": "stem.", "torchvision": "features.0."][scheme, default: ""] + place + "."
                + last
        default: break
        }
        let stage = Int(p[2]) ?? 0
        if p[3] == "downsampling_layer" {
            return [
                "authors": "downsample_layers.\(stage).", "timm": "stages.\(stage).downsample.", "torchvision": "features.\(2 * stage).",
            ][scheme, default: ""]
                + p[4] + "." + last
        }
        let block = [
            "authors": "stages.\(stage).\(p[4]).", "timm": "stages.\(stage).blocks.\(p[4]).",
            "torchvision": "features.\(2 * stage + 1).\(p[4]).",
        ][scheme, default: ""]
        if last == "layer_scale_parameter" { return block + (scheme == "torchvision" ? "layer_scale" : "gamma") }
        let pieces = [
            "authors": ["dwconv": "dwconv", "layernorm": "norm", "pwconv1": "pwconv1", "pwconv2": "pwconv2"],
            "timm": ["dwconv": "conv_dw", "layernorm": "norm", "pwconv1": "mlp.fc1", "pwconv2": "mlp.fc2"],
            "torchvision": ["dwconv": "block.0", "layernorm": "block.2", "pwconv1": "block.3", "pwconv2": "block.5"],
        ]
        return block + (pieces[scheme]?[p[5]] ?? "") + "." + last
    }

    @Test(arguments: ["huggingFace", "authors", "timm", "torchvision"], ["", "module.", "backbone.model."])
    func everySchemeLoadsToEqualParameters(scheme: String, prefix: String) throws {
        let model = try model(), folder = try TemporaryFolder("convnext")
        var writer = SafetensorsWriter()
        for (name, shape, values) in encoder(of: model) {
            // torchvision keeps the layer scale as [C, 1, 1].
            let isScale = scheme == "torchvision" && name.hasSuffix("layer_scale_parameter")
            writer.add(prefix + Self.rename(name, scheme), shape: isScale ? shape + [1, 1] : shape, values)
        }
        let head = ["huggingFace": "classifier", "authors": "head", "timm": "head.fc", "torchvision": "classifier.2"][scheme, default: ""]
        writer.add(prefix + head + ".weight", shape: [3, 16], [Float](repeating: 1, count: 48))
        try writer.write(to: folder.file("x.safetensors"))
        let report = try model.load(try WeightFile.open(folder.file("x.safetensors")))
        try expectEncoder(model, report, head: prefix + head + ".weight")
        #expect(report.description.contains("the image encoder alone, in the names of"))
        #expect(prefix.isEmpty || report.description.contains("names without the prefix \"\(prefix)\""), "\(report)")
    }

    @Test(arguments: ["authors", "timm"]) func pyTorchFilesToo(scheme: String) throws {
        let url = try #require(Bundle.module.url(forResource: "Golden/convnext-\(scheme)", withExtension: "pth"))
        let model = try model()
        let report = try model.load(try WeightFile.open(url.path))
        try expectEncoder(model, report, head: scheme == "timm" ? "head.fc.weight" : "head.weight")
    }

    private func expectEncoder(_ model: SegmentationModel, _ report: LoadReport, head: String) throws {
        for entry in model.parameters.entries where entry.name.hasPrefix("encoder.model.") {
            let value = try #require(model.parameters.value(entry.name))
            let gold = GoldenFormula.values(entry.name, entry.fileShape)
            #expect(zip(value, gold).allSatisfy { abs($0 - $1) <= 1e-6 }, "\(entry.name)")
        }
        #expect(report.extra.contains(head))
        #expect(report.misshaped.isEmpty)
    }

    @Test func aLargerConvNeXtIsNamed() throws {
        let model = try model(), folder = try TemporaryFolder("convnext")
        var writer = SafetensorsWriter()
        for (name, shape, values) in encoder(of: model) {
            writer.add(Self.rename(name, "timm"), shape: shape, values)
            // Two blocks more in the third stage.
            if name.hasPrefix("encoder.stages.2.layers.0.") {
                for block in 1...2 {
                    writer.add(
                        Self.rename(name, "timm").replacingOccurrences(of: "blocks.0", with: "blocks.\(block)"), shape: shape, values)
                }
            }
        }
        try writer.write(to: folder.file("x.safetensors"))
        let file = try WeightFile.open(folder.file("x.safetensors"))
        let error = #expect(throws: NetworkError.self) { try model.load(file) }
        let text = "\(try #require(error))"
        #expect(text.contains("this is a ConvNeXt of depths 1,2,3,1 and widths 16,16,16,16; this model's has depths 1,2,1,1"), "\(text)")
        let tiny = UAVLS(ModelSetup(backend: try CPUBackend(threads: 1), trains: false, builds: false))
        let other = #expect(throws: NetworkError.self) { try tiny.load(file, takesValues: false) }
        #expect("\(try #require(other))".contains("Tiny, which this model is built on, has depths 3,3,9,3 and widths 96,192,384,768"))
    }

    @Test func aConvNeXtOfTheSecondVersionAndAPartAreRefused() throws {
        let model = try model(), folder = try TemporaryFolder("convnext")
        func message(_ change: (inout SafetensorsWriter, String, [Int], [Float]) -> Void) throws -> String {
            var writer = SafetensorsWriter()
            for (name, shape, values) in encoder(of: model) { change(&writer, name, shape, values) }
            try writer.write(to: folder.file("x.safetensors"))
            let file = try WeightFile.open(folder.file("x.safetensors"))
            let error = #expect(throws: NetworkError.self) { try model.load(file) }
            return "\(try #require(error))"
        }
        let second = try message { writer, name, shape, values in
            writer.add(Self.rename(name, "authors"), shape: shape, values)
            if name == "encoder.stages.0.layers.0.pwconv1.bias" {
                writer.add("stages.0.0.grn.gamma", shape: [1, 1, 1, 64], [Float](repeating: 0, count: 64))
            }
        }
        #expect(second.contains("a ConvNeXt V2 (it has stages.0.0.grn.gamma)"), "\(second)")
        let part = try message { writer, name, shape, values in
            if !name.hasSuffix("layer_scale_parameter") { writer.add(Self.rename(name, "authors"), shape: shape, values) }
        }
        #expect(part.contains("lacks 5 of its tensors (encoder.model.encoder.stages.0.layers.0.layer_scale_parameter"), "\(part)")
    }

    @Test(arguments: ["", "module.", "_orig_mod.", "model.", "module._orig_mod.model.", "net.backbone.", "student."])
    func wholeCheckpointsUnderAnyPrefix(prefix: String) throws {
        let model = try model(), folder = try TemporaryFolder("prefix")
        var writer = SafetensorsWriter()
        for entry in model.parameters.entries {
            writer.add(prefix + entry.name, shape: entry.fileShape, GoldenFormula.values(entry.name, entry.fileShape))
        }
        writer.add(prefix + "decoder4.norm.num_batches_tracked", shape: [], [Int64(3)])
        writer.add("loss.weight", shape: [1], [Float(1)])
        try writer.write(to: folder.file("x.safetensors"))
        let report = try model.load(try WeightFile.open(folder.file("x.safetensors")))
        #expect(report.isComplete && report.extra == ["loss.weight"], "\(report)")
        #expect(report.notes == (prefix.isEmpty ? [] : ["names without the prefix \"\(prefix)\""]))
        for entry in model.parameters.entries {
            let value = try #require(model.parameters.value(entry.name))
            #expect(value == GoldenFormula.values(entry.name, entry.fileShape), "\(entry.name)")
        }
    }

    @Test func aCopyBesideTheModelIsPassedOverAndRivalsAreRefused() throws {
        let model = try model(), folder = try TemporaryFolder("prefix")
        func file(_ prefixes: [String]) throws -> WeightFile {
            var writer = SafetensorsWriter()
            for prefix in prefixes {
                for entry in model.parameters.entries {
                    writer.add(prefix + entry.name, shape: entry.fileShape, GoldenFormula.values(prefix + entry.name, entry.fileShape))
                }
            }
            try writer.write(to: folder.file("x.safetensors"))
            return try WeightFile.open(folder.file("x.safetensors"))
        }
        let report = try model.load(try file(["ema_model.", "model."]))
        #expect(report.notes == ["names without the prefix \"model.\""] && report.isComplete)
        #expect(model.parameters.value("out.conv.conv.bias") == GoldenFormula.values("model.out.conv.conv.bias", [1]))
        let rivals = try file(["first.", "second."])
        let error = #expect(throws: NetworkError.self) { try model.load(rivals) }
        #expect("\(try #require(error))".contains(#"several times, under the prefixes "first.", "second.""#))
    }

    @Test func whereNothingFitsTheNamesAreShown() throws {
        let model = try model(), folder = try TemporaryFolder("prefix")
        try SafetensorsWriter.write([("conv1.weight", [1], [1]), ("layer1.0.weight", [1], [1])], to: folder.file("x.safetensors"))
        let file = try WeightFile.open(folder.file("x.safetensors"))
        let error = #expect(throws: NetworkError.self) { try model.load(file) }
        let text = "\(try #require(error))"
        #expect(
            text.contains("it holds conv1.weight, layer1.0.weight ..., looked for encoder.model.embeddings.patch_embeddings.weight"),
            "\(text)")
        #expect(text.contains("another model?"))
    }
}

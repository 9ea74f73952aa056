// Weights in several files with an index: the same tensors as in one file, and what is wrong with an index named.
import Foundation
import TestSupport
import Testing
import WeightFiles

@Suite struct WeightIndexTests {
    private func index(_ map: [String: String]) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: ["weight_map": map]), as: UTF8.self)
    }

    @Test func partsOfPyTorchAreTheWhole() throws {
        let whole = try WeightFile.open(GoldenFiles.path("state-dict.bin"))
        let file = try WeightFile.open(GoldenFiles.path("parts.bin.index.json"))
        #expect(file.notes == ["the tensors are in 2 files"])
        #expect(file.entries.map(\.name) == whole.entries.map { "model." + $0.name })
        for entry in whole.entries {
            #expect(try file.bytes("model." + entry.name) == whole.bytes(entry.name), "\(entry.name)")
        }
        #expect(try WeightFile.files(of: GoldenFiles.path("parts.bin.index.json")) == ["part-1.bin", "part-2.bin"].map(GoldenFiles.path))
    }

    @Test func aFolderStandsForItsWeights() throws {
        let folder = try TemporaryFolder("index")
        func message() throws -> String {
            let error = weightFileError { () throws(WeightFileError) in try WeightFile.open(folder.path) }
            return error?.description ?? "no error"
        }
        #expect(try message().contains("found no weights in this folder"))
        try SafetensorsWriter.write([("a", [2], [1, 2])], to: folder.file("one.safetensors"))
        #expect(try message().contains("give one of its files: one.safetensors"))
        try SafetensorsWriter.write([("b", [1], [3]), ("c", [1], [4])], to: folder.file("two.safetensors"))
        try folder.write(
            try index(["a": "one.safetensors", "b": "two.safetensors", "c": "two.safetensors"]), to: "model.safetensors.index.json")
        let file = try WeightFile.open(folder.path)
        #expect(file.entries.map(\.name) == ["a", "b", "c"] && file.format == .safetensors)
        #expect(try file.float32("a") == [1, 2])
        #expect(try file.float32("c") == [4])
        // A whole file comes before parts.
        try SafetensorsWriter.write([("d", [1], [5])], to: folder.file("model.safetensors"))
        #expect(try WeightFile.open(folder.path).entries.map(\.name) == ["d"])
    }

    @Test(arguments: [
        (["a": "one.safetensors", "b": "two.safetensors"], "1 of the 2 files it names is missing: two.safetensors"),
        (["a": "one.safetensors", "b": "one.safetensors"], "lists tensor `b` in"),
        (["a": "../one.safetensors"], "the name of a file beside the index"),
    ]) func whatIsWrongIsNamed(map: [String: String], expected: String) throws {
        let folder = try TemporaryFolder("index")
        try SafetensorsWriter.write([("a", [2], [1, 2])], to: folder.file("one.safetensors"))
        let path = try folder.write(try index(map), to: "model.safetensors.index.json")
        let error = weightFileError { () throws(WeightFileError) in try WeightFile.open(path) }
        #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
        #expect(error?.description.hasPrefix(path) == true)
    }

    @Test func aTensorInNoListIsNamed() throws {
        let folder = try TemporaryFolder("index")
        try SafetensorsWriter.write([("a", [1], [1]), ("z", [1], [2])], to: folder.file("one.safetensors"))
        let path = try folder.write(try index(["a": "one.safetensors"]), to: "x.json")
        let error = weightFileError { () throws(WeightFileError) in try WeightFile.open(path) }
        #expect(error?.description.contains("no entry for tensor `z`") == true, "\(String(describing: error))")
    }
}

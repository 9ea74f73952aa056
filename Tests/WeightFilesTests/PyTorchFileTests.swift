// PyTorch zip files against what PyTorch itself reads, and the refusals.
import Foundation
import TestSupport
import Testing
import WeightFiles

@Suite struct PyTorchFileTests {
    @Test func everyGoldenFileHoldsWhatPyTorchSays() throws {
        let expected = try GoldenFiles.expected()
        #expect(expected.count == 9)
        for (name, tensors) in expected {
            let file = try WeightFile.open(GoldenFiles.path(name))
            #expect(file.format == .pytorch)
            #expect(file.entries.map(\.name) == tensors.keys.sorted(), "\(name)")
            for (key, tensor) in tensors {
                #expect(file.entry(key)?.shape == tensor.shape, "\(name) \(key)")
                #expect(file.entry(key)?.type.safetensorsName == tensor.type, "\(name) \(key)")
                #expect(try file.float32(key).map(\.bitPattern) == tensor.bits, "\(name) \(key)")
                var copy = [Float](repeating: -1, count: tensor.bits.count)
                let failure = copy.withUnsafeMutableBufferPointer { buffer in
                    weightFileError { () throws(WeightFileError) in try file.read(key, into: buffer) }
                }
                #expect(failure == nil)
                #expect(copy.map(\.bitPattern) == tensor.bits, "\(name) \(key)")
            }
        }
    }

    @Test func notesSayWhereTheTensorsWere() throws {
        let lightning = try WeightFile.open(GoldenFiles.path("lightning.ckpt"))
        #expect(lightning.notes == ["the tensors are under `state_dict`", "the prefix `model.` was removed from 7 of 8 names"])
        #expect(lightning.entry("loss.weight") != nil)
        #expect(try WeightFile.open(GoldenFiles.path("state-dict.bin")).notes == [])
        #expect(try WeightFile.open(GoldenFiles.path("nested.pt")).notes == ["the tensors are under `model`"])
        #expect(try WeightFile.open(GoldenFiles.path("other-key.pt")).notes == ["the tensors are under `net`"])
        #expect(
            try WeightFile.open(GoldenFiles.path("extras.pt")).notes == [
                "the tensors are under `state_dict`", "entry `note` is a string, not a tensor: skipped",
                "entry `_extra_state` is None, not a tensor: skipped",
            ])
    }

    @Test func integersComeExactly() throws {
        let file = try WeightFile.open(GoldenFiles.path("types.pt"))
        #expect(try file.int64("int64") == [-1, 0, 1])
        #expect(try file.int64("uint16") == [65000, 65001, 65002])
        #expect(try file.int64("uint32") == [4_000_000_000, 4_000_000_001])
        #expect(try file.int64("bool") == [1, 0])
        #expect(try file.int64("uint8") == [200, 201, 202])
    }

    @Test func namedCodeIsNeverRun() throws {
        let file = try WeightFile.open(GoldenFiles.path("malicious.pt"))
        #expect(file.entries.count == 7)
        for name in ["malicious-inside.pt", "malicious-top.pt"] {
            let error = weightFileError { () throws(WeightFileError) in try WeightFile.open(GoldenFiles.path(name)) }
            #expect(error?.description.contains("posix.system") == true, "\(name): \(String(describing: error))")
        }
        #expect(!FileManager.default.fileExists(atPath: "vlseg-exploited"))
    }

    @Test(arguments: [
        ("malicious-inside.pt", "entry `evil` of the state dictionary is an object of class posix.system, not a tensor"),
        ("module.pt", "no state dictionary: the file holds an object of class torch.nn.modules.container.Sequential"),
        ("list.pt", "no state dictionary: the file holds a list"),
        ("legacy.pt", "a PyTorch file in the old layout (a sequence of pickles), from before PyTorch 1.6"),
        ("legacy-tar.pt", "a PyTorch file in the old layout (a tar archive), from before PyTorch 1.6"),
        ("script.pt", "not a weight file: it is a TorchScript program"),
        ("plain.pkl", "not a weight file: it is a plain Python pickle, not a file that torch.save wrote"),
        ("big-endian.pt", "state-dict/byteorder: big-endian byte order is not supported"),
    ])
    func refusesWithOneClearMessage(name: String, message: String) throws {
        let path = GoldenFiles.path(name)
        let error = weightFileError { () throws(WeightFileError) in try WeightFile.open(path) }
        let text = error?.description ?? "no error"
        #expect(text.contains(message), "\(text)")
        #expect(text.hasPrefix(path))
    }

    @Test(
        arguments: [
            ([], "the file is empty"), (Array("version https://git-lfs.github.com/spec/v1\n".utf8), "git lfs pull"),
            (Array("{\"weight_map\": {}}".utf8), "it is a JSON file"), (Array("<!DOCTYPE html>".utf8), "looks like a web page"),
            ([0x1f, 0x8b, 8, 0], "gzip"), ([0x89] + Array("HDF\r\n".utf8), "HDF5"), (Array("GGUF....".utf8), "GGUF"),
            ([1, 2, 3], "its first bytes are 01 02 03"), (ZipBuilder().archive(), "without a data.pkl"),
        ] as [([UInt8], String)])
    func saysWhatAForeignFileIs(bytes: [UInt8], message: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(bytes, to: "file")
        let text = weightFileError { () throws(WeightFileError) in try WeightFile.open(path) }?.description ?? "no error"
        #expect(text.contains(message), "\(text)")
    }

    @Test func aMissingFileAndAFolderAreNamed() throws {
        let folder = try TemporaryFolder()
        for path in [folder.file("absent.pt"), folder.path] {
            let error = weightFileError { () throws(WeightFileError) in try WeightFile.open(path) }
            switch error {
            case .file?, .noWeights?: break
            default: Issue.record("\(String(describing: error))")
            }
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test func wrongRequestsAreNamed() throws {
        let file = try WeightFile.open(GoldenFiles.path("types.pt"))
        #expect(
            weightFileError { () throws(WeightFileError) in try file.float32("absent") }?.description.contains("no tensor `absent`") == true
        )
        #expect(
            weightFileError { () throws(WeightFileError) in try file.int64("float16") }?.description.contains(
                "tensor `float16` holds float16 numbers") == true)
        var small = [Float](repeating: 0, count: 2)
        let error = small.withUnsafeMutableBufferPointer { buffer in
            weightFileError { () throws(WeightFileError) in try file.read("float32", into: buffer) }
        }
        #expect(error?.description.contains("tensor `float32` has 5 elements; the buffer given for it holds 2") == true)
    }
}

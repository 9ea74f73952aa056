// Pickles and archives that torch.save would not write: hostile, odd or larger than the format's 32-bit fields.
import Foundation
import TestSupport
import Testing
import WeightFiles

@Suite struct PickleTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private static let values: [Float] = [0, 1, 2, 3, 4, 5]
    private static let storage = values.flatMap { ZipBuilder.little($0.bitPattern) }
    private static let good = Pickle.tensor(count: 6, shape: [2, 3], strides: [3, 1])

    private func open(_ value: [UInt8], storage: [UInt8] = PickleTests.storage) throws -> WeightFile {
        try WeightFile.open(try folder.write(pytorchFile(value, storage: storage), to: UUID().uuidString))
    }

    private func message(_ value: [UInt8], storage: [UInt8] = PickleTests.storage) throws -> String {
        let path = try folder.write(pytorchFile(value, storage: storage), to: UUID().uuidString)
        return weightFileError { () throws(WeightFileError) in try WeightFile.open(path) }?.description ?? "no error"
    }

    private func state(_ tensor: [UInt8]) -> [UInt8] { Pickle.dictionary([(Pickle.text("w"), tensor)]) }

    @Test func aTensorMadeByHandIsRead() throws {
        #expect(try open(state(Self.good)).float32("w") == Self.values)
        let slice = Pickle.tensor(count: 6, offset: 1, shape: [2, 2], strides: [1, 3])
        #expect(try open(state(slice)).float32("w") == [1, 4, 2, 5])
    }

    @Test(arguments: [
        (Pickle.tensor(count: 6, shape: [7], strides: [1]), "within its storage of 24 bytes"),
        (Pickle.tensor(count: 6, offset: 1, shape: [2, 3], strides: [3, 1]), "within its storage"),
        (Pickle.tensor(count: 6, shape: [2, 2], strides: [5, 1]), "within its storage"),
        (Pickle.tensor(count: 7, shape: [2, 3], strides: [3, 1]), "a storage of 7 elements in 24 bytes"),
        (Pickle.tensor(count: .max, shape: [2, 3], strides: [3, 1]), "elements in 24 bytes"),
        (Pickle.tensor(count: 6, shape: [.max, .max], strides: [0, 0]), "within its storage"),
        (Pickle.tensor(count: 6, shape: [2, 3], strides: [.max, .max]), "within its storage"),
        (Pickle.tensor(count: 6, offset: .max, shape: [2, 3], strides: [3, 1]), "within its storage"),
        (Pickle.tensor(count: 6, shape: [1 << 40], strides: [0]), "the limit of 67108864"),
        (Pickle.tensor(count: 6, shape: [-2, -3], strides: [3, 1]), "a tensor without whole sizes"),
        (Pickle.tensor(count: 6, shape: [6], strides: [-1]), "a tensor without whole sizes"),
        (Pickle.tensor(count: 6, shape: [6], strides: [1, 1]), "a tensor without whole sizes"),
        (Pickle.tensor(key: "1", count: 6, shape: [6], strides: [1]), "no member archive/data/1"),
        (Pickle.tensor(storageClass: "QInt8Storage", count: 6, shape: [6], strides: [1]), "`w` (an object of class torch.QInt8Storage)"),
        (Pickle.tensor(storageClass: "UntypedStorage", count: 24, shape: [6], strides: [1]), "a tensor of an untyped storage"),
    ])
    func tensorsMustFitTheirStorage(tensor: [UInt8], expected: String) throws {
        let text = try message(state(tensor))
        #expect(text.contains(expected), "\(text)")
    }

    @Test(
        arguments: [
            ([0x68, 9], "memo entry 9"), ([0x30], "an instruction without its operand"), ([0x74], "no mark"), ([0xff], "instruction 255"),
            ([0x82, 1], "instruction 130"), ([0x97], "instruction 151"), ([0x4b], "1 bytes more"),
            ([0x58, 0xff, 0xff, 0xff, 0xff], "bytes more"),
            ([0x8b, 0xff, 0xff, 0xff, 0xff], "bytes more"), ([0x8d] + [UInt8](repeating: 0xff, count: 8), "bytes more"),
            ([0x80, 9], "pickle protocol 9"),
            ([0x4e, 0x4e, 0x52], "a call of None"), ([0x4e, 0x51], "a reference to None"), ([0x4e, 0x4e, 0x61], "items for None"),
            ([0x7d, 0x28, 0x4e, 0x75], "a key without a value"), ([0x4e, 0x4e, 0x93], "a name that is not text"),
            ([0x4e, 0x62], "without its operand"),
            (Array("Iabc\n".utf8), "a decimal number"), (Array("Fabc\n".utf8), "a decimal number"), (Array("g-1\n".utf8), "a whole number"),
            ([0x28, 0x81], "without its operand"), ([0x28, 0x6f], "an object of nothing"),
        ] as [([UInt8], String)])
    func brokenPicklesAreNamed(instructions: [UInt8], expected: String) throws {
        let text = try message(instructions)
        #expect(text.contains("of archive/data.pkl") && text.contains(expected), "\(text)")
    }

    @Test func deepNestingCostsNoStack() throws {
        // Two million tuples, lists and placeholders in one another, beside a good tensor.
        let tuples = [0x29] + [UInt8](repeating: 0x85, count: 2_000_000)
        let lists = [UInt8](repeating: 0x5d, count: 1_000_000) + [UInt8](repeating: 0x61, count: 999_999)
        for nested in [tuples, lists] {
            let file = try open(Pickle.dictionary([(Pickle.text("state_dict"), state(Self.good)), (Pickle.text("deep"), nested)]))
            #expect(try file.float32("w") == Self.values)
        }
        let inside = try message(state(tuples))
        #expect(inside.contains("`w` (a tuple)"), "\(inside)")
        // Tensors in tensors: a function that rebuilds from a function that rebuilds ...
        let rebuild = Pickle.global("torch._tensor", "_rebuild_from_type_v2")
        var chain = Pickle.tuple([rebuild, [0x4e], Pickle.tuple([])])
        for _ in 0..<1000 { chain = Pickle.tuple([rebuild, [0x4e], chain]) }
        #expect(try message(state(rebuild + chain + [0x52])).contains("class torch._tensor._rebuild_from_type_v2"))
    }

    @Test func valuesMayHoldThemselves() throws {
        // A list in itself, a dictionary in itself, through the memo.
        let list: [UInt8] = [0x5d, 0x71, 1, 0x68, 1, 0x61]
        let dictionary: [UInt8] = [0x7d, 0x71, 2] + Pickle.text("me") + [0x68, 2, 0x73]
        let file = try open(
            Pickle.dictionary([(Pickle.text("model"), state(Self.good)), (Pickle.text("l"), list), (Pickle.text("d"), dictionary)]))
        #expect(try file.float32("w") == Self.values)
        #expect(try message(dictionary).contains("`me` (a dict)"))
    }

    @Test func endlessPicklesStop() throws {
        let text = try message([UInt8](repeating: 0x4e, count: 10_000_001))
        #expect(text.contains("more than 10000000 instructions"), "\(text)")
    }

    @Test func namesSetTwiceHaveTheirLastValue() throws {
        let other = Pickle.tensor(count: 6, offset: 5, shape: [], strides: [])
        let file = try open(Pickle.dictionary([(Pickle.text("w"), Self.good), (Pickle.text("v"), Self.good), (Pickle.text("w"), other)]))
        #expect(try file.float32("w") == [5])
        #expect(file.entries.map(\.name) == ["v", "w"])
    }

    @Test func theModelPrefixComesOffOnlyWhereMostNamesCarryIt() throws {
        func names(_ keys: [String]) throws -> [String] {
            try open(Pickle.dictionary(keys.map { (Pickle.text($0), Self.good) })).entries.map(\.name)
        }
        #expect(try names(["model.a", "model.b"]) == ["a", "b"])
        #expect(try names(["model.a", "model.b", "c"]) == ["a", "b", "c"])
        #expect(try names(["model.a", "b"]) == ["b", "model.a"])
        #expect(try names(["model.a", "model.b", "a"]) == ["a", "b", "model.a"])
        #expect(try names(["modela", "model.", "model.x"]) == ["model.", "modela", "x"])
    }

    @Test func smallArchivesMayUseZip64() throws {
        let path = try folder.write(pytorchFile(state(Self.good), storage: Self.storage, forcesZip64: true), to: "zip64.pt")
        #expect(try WeightFile.open(path).float32("w") == Self.values)
    }

    @Test func archivesBeyondFourGigabytesAreRead() throws {
        // A sparse file: storage "0" takes five gigabytes, of which only the end is written; "1" and the directory lie behind it.
        let elements = 5 << 28
        var zip = ZipBuilder()
        zip.add(
            "archive/data.pkl",
            Pickle.file(
                Pickle.dictionary([
                    (Pickle.text("end"), Pickle.tensor(count: elements, offset: elements - 3, shape: [3], strides: [1])),
                    (Pickle.text("behind"), Pickle.tensor(key: "1", count: 6, shape: [6], strides: [1])),
                ])))
        zip.add("archive/data/0", [], declaredSize: elements * 4)
        let hole = zip.bytes.count
        zip.add("archive/data/1", Self.storage)
        let path = folder.file("large.pt")
        #expect(FileManager.default.createFile(atPath: path, contents: Data(zip.bytes[..<hole])))
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seek(toOffset: UInt64(hole + elements * 4 - 12))
        try handle.write(contentsOf: Data(Self.storage.suffix(12)))
        try handle.write(contentsOf: Data(zip.bytes[hole...]))
        try handle.write(contentsOf: Data(zip.directory()))
        try handle.close()
        let file = try WeightFile.open(path)
        #expect(try file.float32("end") == [3, 4, 5])
        #expect(try file.float32("behind") == Self.values)
    }

    @Test func archivesThatContradictThemselvesAreRefused() throws {
        let good = pytorchFile(state(Self.good), storage: Self.storage)
        func refused(_ change: (inout [UInt8]) -> Void) throws -> String {
            var bytes = good
            change(&bytes)
            let path = try folder.write(bytes, to: UUID().uuidString)
            return weightFileError { () throws(WeightFileError) in try WeightFile.open(path) }?.description ?? "no error"
        }
        let directory = try #require((0..<good.count - 4).first { Array(good[$0..<$0 + 4]) == [0x50, 0x4b, 1, 2] })
        #expect(try refused { $0[directory + 8] = 1 }.contains("encryption is not supported"))
        #expect(try refused { $0[directory + 10] = 12 }.contains("compression method 12 is not supported"))
        #expect(try refused { $0[directory + 24] ^= 1 }.contains("two sizes"))
        #expect(try refused { $0[directory + 42] = 7 }.contains("expected the header of member"))
        #expect(try refused { $0[30] = 0x41 }.contains("the header of another member"))
        #expect(try refused { $0.removeLast() }.contains("no end-of-archive record"))
        #expect(try refused { $0[$0.count - 12] = 0xff }.contains("as many as fit"))
        var twice = ZipBuilder()
        twice.add("archive/data.pkl", Pickle.file(state(Self.good)))
        twice.add("archive/data.pkl", Pickle.file(state(Self.good)))
        let path = try folder.write(twice.archive(), to: "twice.pt")
        #expect(weightFileError { () throws(WeightFileError) in try WeightFile.open(path) }?.description.contains("again") == true)
        // Two directory entries claim the whole file as their bytes.
        #expect(
            try refused {
                for entry in $0.indices.dropLast(46) where Array($0[entry..<entry + 4]) == [0x50, 0x4b, 1, 2] {
                    let local = Int($0[entry + 42]) | Int($0[entry + 43]) << 8
                    let size = ZipBuilder.little(UInt32($0.count - local - 30 - Int($0[entry + 28])))
                    for field in [20, 24] { $0.replaceSubrange(entry + field..<entry + field + 4, with: size) }
                }
            }.contains("members that overlap"))
    }

    /// Nine megabytes that claim to unpack to a little less than deflate can pack into them, and that is more than is ever unpacked.
    @Test func whatCompressedMembersUnpackToIsLimited() throws {
        let folder = try TemporaryFolder()
        var bytes = pytorchFile(state(Self.good), storage: [UInt8](repeating: 0, count: 9_000_000))
        let claimed = 4_294_967_294
        let directory = try #require((0..<bytes.count - 4).last { Array(bytes[$0..<$0 + 4]) == [0x50, 0x4b, 1, 2] })
        bytes[directory + 10] = 8
        bytes.replaceSubrange(directory + 24..<directory + 28, with: ZipBuilder.little(UInt32(claimed)))
        let path = try folder.write(bytes, to: "claims.pt")
        let text = weightFileError { () throws(WeightFileError) in try WeightFile.open(path) }?.description ?? "no error"
        #expect(text.contains("the unpacked size of its compressed members is \(claimed), more than the limit of"), "\(text)")
    }
}

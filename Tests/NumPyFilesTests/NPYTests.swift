// .npy files: those that NumPy wrote (Scripts/golden/arrays.py), what is written here, and every way in which a file can be wrong.
import Foundation
import NumPyFiles
import TestSupport
import Testing

@Suite struct NPYTests {
    private func golden(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: #require(Bundle.module.url(forResource: "Golden/\(name)", withExtension: "npy"))))
    }

    private func array(_ name: String) throws -> NPYArray { try NPYArray(golden(name), path: name + ".npy") }

    private func words(_ body: () throws -> Void) -> String {
        let error = #expect(throws: NPYError.self) { try body() }
        return error.map { "\($0)" } ?? ""
    }

    @Test func bytesAreNumPys() throws {
        let bytes = NPY.encode([1, -2.5], shape: [1, 2])
        #expect(bytes.count == 128 + 8)
        #expect(Array(bytes[0..<10]) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0])
        #expect(String(decoding: bytes[10..<128], as: UTF8.self).hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }"))
        #expect(bytes[127] == 10)
        #expect(Array(bytes[128...]) == [0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0])
        #expect(try NPY.encode((0..<24).map { Float($0) + 0.5 }, shape: [2, 3, 4]) == golden("rows"))
        #expect(try NPY.encode((0..<5).map { Float($0) + 0.5 }, shape: [5]) == golden("vector"))
    }

    /// Rows first and columns first alike come in the order of rows.
    @Test(arguments: [
        ("rows", [2, 3, 4]), ("columns", [2, 3, 4]), ("vector", [5]), ("single", []), ("none", [0, 3]), ("version2", [2, 3]),
        ("version3", [2, 3]),
    ])
    func floatsAreRead(name: String, shape: [Int]) throws {
        let array = try array(name)
        #expect(array.shape == shape)
        #expect(try array.finiteFloat32() == (0..<shape.reduce(1, *)).map { Float($0) + 0.5 })
    }

    @Test(arguments: [("ids", [6]), ("table", [2, 3])]) func wholeNumbersAreRead(name: String, shape: [Int]) throws {
        let array = try array(name)
        #expect(array.shape == shape)
        #expect(try array.int32() == (0..<6).map { Int32($0) })
    }

    @Test(arguments: [
        ("float64", "float64.npy: holds float64 ('<f8') values, expected float32 ('<f4'); save array.astype(numpy.float32)"),
        ("float16", "float16.npy: holds float16 ('<f2') values, expected float32 ('<f4'); save array.astype(numpy.float32)"),
        ("big", "big.npy: holds big-endian float32 ('>f4') values, expected float32 ('<f4'); save array.astype('<f4')"),
        ("ids", "ids.npy: holds int32 ('<i4') values, expected float32 ('<f4'); save array.astype(numpy.float32)"),
        ("bools", "bools.npy: holds bool ('|b1') values, expected float32 ('<f4'); save array.astype(numpy.float32)"),
        ("objects", "objects.npy: holds pickled objects ('|O') values, expected float32 ('<f4'); save array.astype(numpy.float32)"),
        (
            "records",
            "records.npy: the header of the .npy file cannot be read: its values are records of several fields; save one field's array; "
                + "expected one as numpy.save writes it"
        ),
    ])
    func otherTypesAreRefused(name: String, expected: String) { #expect(words { _ = try array(name).float32() } == expected) }

    @Test func otherWholeNumbersAreRefused() {
        #expect(
            words { _ = try array("int64").int32() }
                == "int64.npy: holds int64 ('<i8') values, expected int32 ('<i4'); save array.astype(numpy.int32)")
    }

    @Test func lengthsMustFit() throws {
        let whole = try golden("rows")
        for (bytes, says) in [
            (
                Array(whole.dropLast(3)),
                "a.npy: cut off: 93 bytes of values, but its header says float32 ('<f4') (2, 3, 4), which is 96 bytes"
            ),
            (whole + [0, 0, 0, 0], "a.npy: too long: 100 bytes of values"),
            (Array(whole.prefix(128)), "a.npy: cut off: 0 bytes of values"),
            (Array(whole.prefix(60)), "a.npy: the header of the .npy file cannot be read: the file ends within it"),
            (Array(whole.prefix(8)), "a.npy: the header of the .npy file cannot be read: the file ends within it"),
        ] {
            let found = words { _ = try NPYArray(bytes, path: "a.npy").float32() }
            #expect(found.hasPrefix(says), "\(found)")
        }
    }

    @Test func otherFilesAreNamed() {
        for (bytes, says) in [
            ([], "a.npy: not a .npy file, but empty; expected one array as numpy.save writes it"),
            (Array("PK\u{3}\u{4}...".utf8), "a.npy: not a .npy file, but a zip file, such as .npz; save its array with numpy.save"),
            ([0x80, 4, 0x95], "a.npy: not a .npy file, but a pickle"), (Array("1 2 3\n".utf8), "a.npy: not a .npy file; expected"),
            ([0x93] + Array("NUMPY".utf8) + [9, 1, 0, 0], "a.npy: .npy of version 9.1; expected 1.0, 2.0 or 3.0"),
        ] as [([UInt8], String)] {
            let found = words { _ = try NPYArray(bytes, path: "a.npy") }
            #expect(found.hasPrefix(says), "\(found)")
        }
    }

    private func file(_ header: String, _ values: [UInt8] = []) -> [UInt8] {
        [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)] + Array(header.utf8) + values
    }

    @Test(arguments: [
        ("", "no '{'"), ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,", "not a whole number"),
        ("{'descr': '<f4', 'fortran_order': False}", "no 'shape'"), ("{'fortran_order': False, 'shape': ()}", "no 'descr'"),
        ("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}", "'descr' occurs twice"),
        ("{'descr': '<f4', 'fortran_order': 0, 'shape': ()}", "neither True nor False"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "not a whole number"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999999,)}", "not a whole number"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), 'x': 1}", "an entry 'x'"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2)} {}", "after its dictionary"),
        ("{'descr': '<f4, 'fortran_order': False, 'shape': ()}", "no ','"),
    ])
    func headersThatAreNone(header: String, says: String) {
        let found = words { _ = try NPYArray(file(header), path: "a.npy") }
        #expect(found.hasPrefix("a.npy: the header") && (found.contains(says) || says == "no ','"), "\(found)")
    }

    /// Sizes whose product is beyond all files, or beyond a word.
    @Test(arguments: ["(100000, 100000, 100000)", "(999999999999999, 999999999999999)", "(4294967296, 4294967296, 0)"])
    func sizesBeyondTheFile(shape: String) {
        let found = words {
            _ = try NPYArray(file("{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }"), path: "a.npy").float32()
        }
        #expect(found.hasPrefix("a.npy: cut off: 0 bytes of values"), "\(found)")
    }

    /// Double quotes, spaces and the sizes of Python 2 are the same header.
    @Test func spellings() throws {
        let bytes = file("{\"shape\" : ( 2L,1 ) , \"fortran_order\":True,'descr':'<i4'}\n", [1, 0, 0, 0, 255, 255, 255, 255])
        let array = try NPYArray(bytes, path: "a.npy")
        #expect(try array.shape == [2, 1] && array.int32() == [1, -1])
    }

    @Test func whatIsNoNumberIsNamed() throws {
        var values = [Float](repeating: 1, count: 24)
        values[17] = .nan
        let nan = NPY.encode(values, shape: [2, 3, 4])
        #expect(try NPYArray(nan, path: "a.npy").float32()[17].isNaN)
        let found = words { _ = try NPYArray(nan, path: "a.npy").finiteFloat32() }
        #expect(found == "a.npy: the value at [1, 1, 1] is not a number (NaN); expected finite numbers")
        values[17] = -.infinity
        let infinite = words { _ = try NPYArray(NPY.encode(values, shape: [24]), path: "a.npy").finiteFloat32() }
        #expect(infinite == "a.npy: the value at [17] is infinite; expected finite numbers")
    }

    @Test func probabilitiesAreKnownAgain() throws {
        let folder = try TemporaryFolder()
        for (name, values, shape, isOne) in [
            ("map", [0, 0.5, 1, 0.25], [2, 2], true), ("logits", [0, 0.5, 1.5, 0.25], [2, 2], false), ("vector", [0, 1], [2], false),
            ("nan", [.nan, 1], [1, 2], false),
        ] as [(String, [Float], [Int], Bool)] {
            let path = folder.file(name + ".npy")
            try Data(NPY.encode(values, shape: shape)).write(to: URL(fileURLWithPath: path))
            #expect(NPY.isProbabilities(path) == isOne, "\(name)")
        }
        #expect(!NPY.isProbabilities(folder.file("nowhere.npy")))
    }
}

// Files: atomicity, error texts, digests against published vectors, ordered parallel work.
import Files
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct FileIOTests {
    @Test func writesAndReadsBack() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.bin")
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try FileIO.writeAtomically(bytes, to: path)
        #expect(try FileIO.read(path) == bytes)
        #expect(try FileIO.size(path) == bytes.count)
        #expect(try FileIO.list(folder.path) == ["a.bin"])
        try FileIO.writeAtomically("new", to: path)
        #expect(try FileIO.readText(path) == "new")
        try FileIO.writeAtomically([UInt8](), to: path)
        #expect(try FileIO.read(path).isEmpty)
    }

    @Test(arguments: [
        ("m", "", "m"), (".", "", "."), ("é", "", "é"), ("a/b", "a", "b"), ("a/b//", "a", "b"), ("/m", "/", "m"), ("/", "/", "/"),
        ("", "", ""), ("/a//b", "/a", "b"),
    ])
    func pathsOfAnyLengthHaveAFolderAndAName(path: String, parent: String, name: String) {
        #expect(FileIO.parent(of: path) == parent && FileIO.lastPart(of: path) == name)
    }

    @Test func aNeighbourLiesInTheSameFolder() {
        #expect(
            FileIO.sibling(of: "a/b", named: "c") == "a/c" && FileIO.sibling(of: "b", named: "c") == "c"
                && FileIO.sibling(of: "/b", named: "c") == "/c")
    }

    @Test func saysWhatIsWrong() throws {
        let folder = try TemporaryFolder()
        try folder.write("abcdef", to: "a.txt")
        #expect(throws: FileError.notFound(path: folder.file("none"))) { try FileIO.read(folder.file("none")) }
        #expect(throws: FileError.notAFile(path: folder.path, found: "a folder")) { try FileIO.read(folder.path) }
        #expect(throws: FileError.tooLarge(path: folder.file("a.txt"), bytes: 6, limit: 5)) {
            try FileIO.read(folder.file("a.txt"), limit: 5)
        }
        #expect(throws: FileError.self) { try FileIO.writeAtomically("x", to: folder.file("no/folder/a")) }
        #expect(throws: FileError.self) { try FileIO.writeAtomically("x", to: folder.path) }
        #expect(throws: FileError.self) { try FileIO.createFolder(folder.file("a.txt/b")) }
        try folder.write([0xff, 0xfe, 0x41], to: "latin")
        #expect(throws: FileError.self) { try FileIO.readText(folder.file("latin")) }
    }

    @Test func createsFoldersAndListsSorted() throws {
        let folder = try TemporaryFolder()
        try FileIO.createFolder(folder.file("x/y/z"))
        try FileIO.createFolder(folder.file("x/y/z"))
        #expect(FileIO.isFolder(folder.file("x/y/z")))
        for name in ["b", "a", "Z", "ä"] { try folder.write("", to: "list/" + name) }
        #expect(try FileIO.list(folder.file("list")) == ["Z", "a", "b", "ä"])
    }

    @Test func discardLeavesTheOldContentAndNothingElse() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("old", to: "a")
        let file = try AtomicFile(path: path)
        try file.write(Array("new".utf8))
        #expect(try FileIO.list(folder.path).count == 2)
        #expect(try FileIO.list(folder.path).contains { AtomicFile.isTemporaryName($0, for: "a") })
        file.discard()
        #expect(try FileIO.list(folder.path) == ["a"])
        #expect(try FileIO.readText(path) == "old")
        do {
            let dropped = try AtomicFile(path: path)
            try dropped.write(Array("new".utf8))
        }
        #expect(try FileIO.list(folder.path) == ["a"])
    }

    @Test func aDeviceIsWrittenNotReplaced() throws {
        try FileIO.writeAtomically("x", to: "/dev/null")
        #expect(!FileIO.isFile("/dev/null"))
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "no /dev/full here"))
    func aFullDeviceIsItsOwnError() {
        #expect(throws: FileError.noSpace(path: "/dev/full")) { try FileIO.writeAtomically("x", to: "/dev/full") }
    }

    @Test func mapsFiles() throws {
        let folder = try TemporaryFolder()
        try folder.write("hello", to: "a")
        try folder.write("", to: "empty")
        let mapped = try MappedFile(folder.file("a"))
        #expect(Array(mapped.bytes) == Array("hello".utf8))
        #expect(try MappedFile(folder.file("empty")).bytes.isEmpty)
        #expect(throws: FileError.notFound(path: folder.file("b"))) { try MappedFile(folder.file("b")) }
        #expect(throws: FileError.notAFile(path: folder.path, found: "a folder")) { try MappedFile(folder.path) }
    }
}

@Suite struct DigestTests {
    // Published test vectors of the empty text and "abc" (FIPS 180-4, RFC 1321, RFC 7693; xxHash's own `xxhsum` output).
    @Test(arguments: [
        ("md5", "", "d41d8cd98f00b204e9800998ecf8427e"), ("md5", "abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("sha1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("sha256", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("sha3_256", "abc", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
        ("blake2s", "abc", "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"),
        ("xxh32", "", "02cc5d05"), ("xxh64", "", "ef46db3751d8e999"), ("xxh3_64", "", "2d06800538d394c2"),
        ("xxh128", "", "99aa06d3014798d86001c324468d497f"), ("xxh64", "abc", "44bc2cf5ad770999"),
    ])
    func vectors(name: String, text: String, expected: String) {
        #expect(Digest.digest(named: name, of: Array(text.utf8)) == expected)
    }

    @Test func everyNameWorksAndOthersDoNot() {
        for name in Digest.names { #expect(Digest.digest(named: name, of: [1, 2, 3]) != nil, "\(name)") }
        #expect(Digest.digest(named: "crc32", of: [1]) == nil)
    }

    @Test func fileEqualsBytes() throws {
        let folder = try TemporaryFolder()
        for size in [0, 1, 1 << 20, (1 << 20) + 7] {
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let path = try folder.write(bytes, to: "f")
            #expect(try Digest.sha256(ofFile: path) == Digest.sha256(bytes))
        }
        #expect(throws: FileError.self) { try Digest.sha256(ofFile: folder.path) }
    }
}

@Suite struct ParallelMapTests {
    @Test(arguments: [1, 2, 7, 64]) func keepsOrderAndCounts(threads: Int) {
        let seen = Mutex<[Int]>([])
        let result = ParallelMap.map(
            Array(0..<500), threads: threads, progress: { count in seen.withLock { $0.append(count) } }, body: { $0 * $0 })
        #expect(result == (0..<500).map { $0 * $0 })
        #expect(seen.withLock { $0 } == Array(1...500))
        #expect(ParallelMap.map([Int](), threads: threads, body: { $0 }).isEmpty)
    }

    @Test func stopsWhenCancelled() {
        let cancellation = Cancellation()
        let count = Mutex(0)
        #expect(throws: Cancelled.self) {
            try ParallelMap.map(Array(0..<10_000), threads: 3, cancellation: cancellation) { index in
                if index == 20 { cancellation.cancel() }
                count.withLock { $0 += 1 }
            }
        }
        #expect(count.withLock { $0 } < 10_000)
    }

    @Test func leftoversOfKilledProcessesAreRemovedAndFilesBeingWrittenAreNot() throws {
        let folder = try TemporaryFolder()
        try folder.write("half", to: ".a.vlseg-partial-1-1")
        try folder.write("half", to: ".ab.vlseg-partial-1-1")
        let writing = try AtomicFile(path: folder.file("a"))
        try writing.write([1, 2, 3])
        try AtomicFile.removeLeftovers(for: folder.file("a"))
        #expect(try FileIO.list(folder.path).count == 2, "another file's, and the one being written")
        try writing.commit()
        #expect(try FileIO.list(folder.path) == [".ab.vlseg-partial-1-1", "a"])
    }
}

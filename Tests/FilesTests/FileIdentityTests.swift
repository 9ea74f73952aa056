// Two paths of one file are known as such, whatever leads there.
import Files
import Foundation
import TestSupport
import Testing

@Suite struct FileIdentityTests {
    private let folder: TemporaryFolder
    private let files = FileManager.default

    init() throws {
        folder = try TemporaryFolder("identity")
        try folder.write("a", to: "a.png")
        try folder.write("b", to: "b.png")
        try files.createDirectory(atPath: folder.file("sub/deep"), withIntermediateDirectories: true)
    }

    private func identity(_ name: String) -> FileIdentity { FileIdentity(folder.file(name)) }

    @Test func linksHardLinksAndDotsLeadToTheSameFile() throws {
        try files.createSymbolicLink(atPath: folder.file("link.png"), withDestinationPath: "a.png")
        try files.createSymbolicLink(atPath: folder.file("folder"), withDestinationPath: folder.path)
        try files.linkItem(atPath: folder.file("a.png"), toPath: folder.file("hard.png"))
        for other in [
            "a.png", "link.png", "hard.png", "./a.png", "sub/../a.png", "sub/deep/../../a.png", "folder/a.png", "folder/folder/hard.png",
            "sub//..//a.png",
        ] {
            #expect(identity("a.png").isSame(as: identity(other)), "\(other)")
        }
        #expect(!identity("a.png").isSame(as: identity("b.png")))
    }

    @Test func whatIsNotThereYetIsKnownByItsFolder() throws {
        try files.createSymbolicLink(atPath: folder.file("later"), withDestinationPath: "sub/new.png")
        try files.createSymbolicLink(atPath: folder.file("loop"), withDestinationPath: "loop")
        #expect(identity("sub/new.png").isSame(as: identity("sub/deep/../new.png")))
        #expect(identity("later").isSame(as: identity("sub/new.png")))
        #expect(!identity("new.png").isSame(as: identity("sub/new.png")))
        #expect(!identity("loop").isSame(as: identity("a.png")))
        #expect(identity("sub/New.png").differsOnlyInCase(from: identity("sub/nEW.png")))
        #expect(identity("no/such/../x").isSame(as: identity("no/x")))
    }

    @Test(arguments: [
        ("a", ""), ("a/b", "a"), ("a/b/", "a"), ("/a", "/"), ("/", "/"), ("", ""), ("//a//b", "//a"), ("a//b", "a"), ("./a", "."),
        ("../a/b", "../a"), ("é/x", "é"),
    ])
    func theFolderOfAPath(path: String, folder: String) {
        #expect(FileIO.parent(of: path) == folder)
        #expect(FileIO.sibling(of: path, named: "x") == (folder.isEmpty ? "x" : folder == "/" ? "/x" : folder + "/x"))
    }

    @Test func insideMeansBelow() throws {
        #expect(identity("sub/deep/x.png").isInside(identity("sub")) && identity("sub/deep").isInside(identity("sub")))
        #expect(!identity("sub").isInside(identity("sub")) && !identity("subway/x").isInside(identity("sub")))
    }

    @Test func writableIsKnownBeforehandAndLeavesNothing() throws {
        try FileIO.checkWritable(folder.file("new.txt"))
        try FileIO.checkWritableFolder(folder.file("x/y/z"))
        #expect(try FileIO.list(folder.path) == ["a.png", "b.png", "sub"])
        #expect(throws: FileError.self) { try FileIO.checkWritable(folder.file("no/such/new.txt")) }
        #expect(throws: FileError.self) { try FileIO.checkWritable(folder.file("sub")) }
        #expect(throws: FileError.self) { try FileIO.checkWritable(folder.file("a.png/x")) }
        #expect(throws: FileError.self) { try FileIO.checkWritableFolder(folder.file("a.png/x")) }
        #expect((FileIO.freeSpace(at: folder.file("x/y")) ?? 0) > 0)
    }
}

// What is written is read back, in whole records, whenever it is written; and every error has its type.
import EventFiles
import Files
import Foundation
import Randomness
import TestSupport
import Testing

@Suite struct WriterTests {
    private func error(_ body: () throws -> Void) -> EventFileError? {
        do { try body() } catch let error as EventFileError { return error } catch { Issue.record("\(error)") }
        return nil
    }

    @Test(arguments: 0..<6) func randomEventsAreReadBack(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        func text() -> String {
            String((0..<random.index(below: 200)).map { _ in ["a", "/", "ä", "\n", "✓", "\0", "😀"][random.index(below: 7)] as Character })
        }
        func step() -> Int { Int(random.next() >> (1 + UInt64(random.index(below: 63)))) }
        let folder = try TemporaryFolder("events"), writer = try SampleRun.writer(folder.path)
        var expected = [
            EventFile.Event(wallTime: SampleRun.wallTime, step: 0, content: .version("brain.Event:2", writer: "swift-vlseg"))
        ]
        for _ in 0..<80 {
            let tag = text(), step = step()
            var values: [EventFile.Value] = []
            switch random.index(below: 3) {
            case 0:
                let numbers = (0..<random.index(below: 4)).map { _ in (tag: text(), value: random.number(in: -1e6...1e6)) }
                values = numbers.map { EventFile.Value(tag: $0.tag, plugin: "scalars", datum: .scalar(Float($0.value))) }
                try writer.scalars(numbers, step: step)
            case 1:
                let type = [0, 2, 4, 6][random.index(below: 4)], channels = [1, 0, 3, 0, 2, 0, 4][type]
                let width = 1 + random.index(below: 40), height = 1 + random.index(below: 40)
                let samples = (0..<width * height * channels).map { _ in UInt16(random.index(below: 256)) }
                let png = PlainPNG.encode(width: width, height: height, bits: 8, colourType: type, samples: samples)
                values = [EventFile.Value(tag: tag, datum: .image(png: png, width: width, height: height, channels: channels))]
                try writer.image(tag, png: png, step: step)
            default:
                let note = text()
                values = [EventFile.Value(tag: tag, plugin: "text", datum: .text(note))]
                try writer.text(tag, note, step: step)
            }
            expected.append(EventFile.Event(wallTime: SampleRun.wallTime, step: step, content: .values(values)))
            if random.index(below: 10) == 0 { try writer.flush() }
        }
        try writer.flush()
        #expect(try EventFile.read(writer.path) == expected)
        // Whatever the steps, a resumption after the largest keeps every byte.
        let bytes = try FileIO.read(writer.path)
        let resumed = try SampleRun.writer(folder.path, resumingAfter: .max)
        #expect(try resumed.resumption?.keptEvents == 80 && FileIO.read(writer.path) == bytes)
    }

    @Test func valuesThatAreNoNumbersAreWritten() throws {
        let folder = try TemporaryFolder("events"), writer = try SampleRun.writer(folder.path)
        try writer.scalars([("a", .nan), ("b", -.infinity), ("c", 1e300)], step: 1)
        try writer.flush()
        guard case .values(let values)? = try EventFile.read(writer.path).last?.content else { throw CocoaError(.coderReadCorrupt) }
        guard case .scalar(let first) = values[0].datum else { throw CocoaError(.coderReadCorrupt) }
        #expect(first.isNaN && values[1].datum == .scalar(-.infinity) && values[2].datum == .scalar(.infinity))
    }

    @Test func everyEventHasItsTime() throws {
        let folder = try TemporaryFolder("events")
        let before = EventFile.now(), writer = try EventFile.Writer(folder: folder.path)
        try writer.scalar("a", 1, step: 1)
        try writer.flush()
        let times = try EventFile.read(writer.path).map(\.wallTime)
        #expect(times.count == 2 && times == times.sorted() && times.allSatisfy { (before...EventFile.now()).contains($0) })
        let name = FileIO.lastPart(of: writer.path).split(separator: ".", maxSplits: 4).map(String.init)
        #expect(name.prefix(3) == ["events", "out", "tfevents"] && Int(name[3]) == Int(times[0]) && name[3].count == 10)
    }

    @Test func hostNamesBecomePartsOfFileNames() throws {
        for (host, name) in [("a.b-c_1", "a.b-c_1"), ("a/b ü", "a-b--"), ("", "localhost")] {
            let folder = try TemporaryFolder("events")
            let writer = try EventFile.Writer(folder: folder.path, clock: { 7.9 }, host: host)
            #expect(FileIO.lastPart(of: writer.path) == "events.out.tfevents.0000000007." + name)
        }
    }

    /// Much is written before a flush, the rest when the writer goes away; whole records each time.
    @Test func nothingThatWasAddedIsLost() throws {
        let folder = try TemporaryFolder("events")
        var writer: EventFile.Writer? = try SampleRun.writer(folder.path)
        for step in 1...6_000 { try writer?.scalar("loss/train", 0, step: step) }
        let path = try #require(writer?.path)
        #expect(try (2_000..<6_000).contains(EventFile.read(path).count))
        writer = nil
        #expect(try EventFile.read(path).map(\.step) == Array(0...6_000))
    }

    @Test func aPictureMustBeAPNG() throws {
        let folder = try TemporaryFolder("events"), writer = try SampleRun.writer(folder.path)
        for bytes in [[], Array(SampleRun.png.prefix(25)), [0xFF, 0xD8] + SampleRun.png] {
            let error = error { try writer.image("validation/1", png: bytes, step: 1) }
            #expect(error == .notPNG(tag: "validation/1") && error?.kind == .data)
        }
        #expect(
            error { try writer.image("t", png: [], step: 1) }?.description.hasPrefix("t: the picture for TensorBoard is no PNG") == true)
    }

    @Test func foreignFilesAreKeptAndNamed() throws {
        let whole = try SampleRun.whole()
        let first = SampleRun.ends(whole)[0]
        for (name, bytes, found) in [
            ("events.out.tfevents.1.pytorch", [UInt8](repeating: 7, count: 60), "has the name of an event file and does not begin as one"),
            ("notes-on-tfevents.txt", Array("short".utf8), "has the name of an event file and does not begin as one"),
            ("events.out.tfevents.2.other", Array(whole[first...]), "has the name of an event file and does not begin as one"),
        ] {
            for step in [nil, 5] {
                let folder = try TemporaryFolder("events")
                let path = try folder.write(bytes, to: name)
                let error = error { _ = try SampleRun.writer(folder.path, resumingAfter: step) }
                #expect(error == .foreign(path: path, found: found) && error?.kind == .usage)
                #expect(try FileIO.list(folder.path) == [name] && FileIO.read(path) == bytes)
            }
        }
        let folder = try TemporaryFolder("events")
        try folder.write("", to: "tfevents/a")
        #expect(error { _ = try SampleRun.writer(folder.path) }?.description.contains("a folder with the name of an event file") == true)
    }

    /// A file that takes no disk, with holes: it would not fit into memory. A foreign one is known by its beginning.
    @Test func aHugeFileIsNotRead() throws {
        let folder = try TemporaryFolder("events"), large = off_t(EventFile.limit) + 1
        let path = try folder.write(SampleRun.whole(), to: SampleRun.name)
        try #require(truncate(path, large) == 0)
        let own = error { _ = try SampleRun.writer(folder.path, resumingAfter: 5) }
        #expect(own == .file(.tooLarge(path: path, bytes: Int(large), limit: EventFile.limit)))
        try folder.write("x", to: SampleRun.name)
        try #require(truncate(path, large) == 0)
        guard case .foreign = error({ _ = try SampleRun.writer(folder.path, resumingAfter: 5) }) else { throw CocoaError(.fileReadUnknown) }
    }

    @Test func aFileOfAnotherProgramIsCalledThat() throws {
        // PyTorch's first record names TensorBoard's writer.
        let source = "tensorboard.summary.writer.event_file_writer"
        let message: [UInt8] =
            [0x1A, 13] + Array("brain.Event:2".utf8) + [0x52, UInt8(source.utf8.count + 2), 0x0A, UInt8(source.utf8.count)]
            + Array(source.utf8)
        func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let length = word(UInt32(message.count)) + word(0)
        let folder = try TemporaryFolder("events")
        let bytes = length + word(CRC32C.masked(length[...])) + message + word(CRC32C.masked(message[...]))
        let path = try folder.write(bytes, to: "events.out.tfevents.1.h")
        let error = error { _ = try SampleRun.writer(folder.path) }
        #expect(
            error?.description == "\(path): an event file of another program (\(source)); TensorBoard would show it as part of this run; "
                + "move it to another folder")
    }

    @Test func twoFilesOfOneRunAreRefused() throws {
        let folder = try TemporaryFolder("events")
        for name in ["events.out.tfevents.1.a", "events.out.tfevents.2.a"] { try folder.write(SampleRun.whole(), to: name) }
        let error = error { _ = try SampleRun.writer(folder.path, resumingAfter: 3) }
        #expect(error == .several(folder: folder.path, names: ["events.out.tfevents.1.a", "events.out.tfevents.2.a"]))
        #expect(error?.description.contains("holds 2 event files (events.out.tfevents.1.a, events.out.tfevents.2.a), expected one") == true)
    }

    @Test func aPlaceThatCannotBeWrittenIsTheMachinesProblem() throws {
        let folder = try TemporaryFolder("events")
        let file = try folder.write("x", to: "file")
        for place in [file, "/proc/vlseg-events"] {
            let error = error { _ = try SampleRun.writer(place) }
            #expect(error?.kind == .environment || error?.kind == .usage, "\(place): \(error.map { "\($0)" } ?? "no error")")
        }
        #expect(error { _ = try EventFile.read(folder.file("none")) } == .file(.notFound(path: folder.file("none"))))
    }

    @Test(.enabled(if: FileIO.exists("/dev/full"), "no /dev/full here")) func aFullDiskIsSaid() throws {
        let file = try GrowingFile("/dev/full", keeping: 0)
        #expect(throws: FileError.noSpace(path: "/dev/full")) { try file.append([1]) }
        #expect(file.length == 0)
        #expect(EventFileError.file(.noSpace(path: "p")).kind == .environment)
    }

    /// After the disk was full, the next flush leaves neither a gap nor a part of a record.
    @Test(.enabled(if: SmallDisk.isPossible, Comment(rawValue: SmallDisk.reason))) func theNextFlushTriesAgain() throws {
        let small = try SmallDisk(size: "64k")
        do {
            try small.write([UInt8](repeating: 1, count: 50_000), to: "large")
            let writer = try SampleRun.writer(small.path)
            for step in 1...500 { try writer.scalar("loss/train", 1, step: step) }
            #expect(error { try writer.flush() } == .file(.noSpace(path: writer.path)))
            try writer.scalar("loss/train", 1, step: 501)
            #expect(error { try writer.flush() } == .file(.noSpace(path: writer.path)))
            try FileIO.remove(small.file("large"))
            try writer.flush()
            #expect(try EventFile.read(writer.path).map(\.step) == Array(0...501))
        }
        #expect(small.eject())
    }
}

// A run that stopped anywhere, with a file cut or damaged at any byte, goes on: no point is there twice, none is lost that was there.
import EventFiles
import Files
import Foundation
import Randomness
import TestSupport
import Testing

@Suite struct ResumptionTests {
    private let memory: MemoryFolder

    init() throws { memory = try MemoryFolder() }

    private struct Point: Hashable {
        let tag: String
        let step: Int
    }

    private func points(_ events: [EventFile.Event]) -> [Point] {
        events.flatMap { event -> [Point] in
            guard case .values(let values) = event.content else { return [] }
            return values.map { Point(tag: $0.tag, step: event.step) }
        }
    }

    private func events(_ bytes: [UInt8]) throws -> [EventFile.Event] {
        try EventFile.read(memory.hold(bytes, named: SampleRun.name))
    }

    /// The file of a run that stopped with these bytes on the disk and goes on after the step.
    private func goneOn(_ bytes: [UInt8], after step: Int) throws -> (bytes: [UInt8], resumption: EventFile.Resumption) {
        _ = try memory.hold(bytes, named: SampleRun.name)
        let writer = try SampleRun.writer(memory.path, resumingAfter: step)
        try SampleRun.write(step + 1...SampleRun.steps, to: writer)
        #expect(try FileIO.list(memory.path) == [SampleRun.name])
        return (try FileIO.read(writer.path), try #require(writer.resumption))
    }

    /// Steps that a saved state has are on the disk; what follows may be cut at any byte. Then the file equals that of a run that never
    /// stopped.
    @Test(arguments: 0..<SampleRun.steps) func aCutBehindTheStateLeavesNoTrace(step: Int) throws {
        let whole = try SampleRun.whole(), ends = SampleRun.ends(whole), all = try events(whole)
        let last = try #require(all.lastIndex { $0.step <= step })
        // Every byte for one step; for the others the bytes about the records' ends.
        for cut in ends[last]...whole.count where step == 4 || ends.contains(where: { abs($0 - cut) < 2 }) {
            let (bytes, resumption) = try goneOn(Array(whole.prefix(cut)), after: step)
            #expect(bytes == whole, "cut at \(cut)")
            let records = ends.count { $0 <= cut }
            #expect(resumption.droppedEvents == records - 1 - last && resumption.cutBytes == cut - ends[records - 1])
            #expect(resumption.keptEvents == last && resumption.damagedRecords == 0 && resumption.lastStep == step)
        }
    }

    /// A cut before the state's step loses what was cut, and says so.
    @Test func aCutAnywhereKeepsWholeRecords() throws {
        let whole = try SampleRun.whole(), ends = SampleRun.ends(whole), all = try events(whole)
        let step = 6
        for cut in 0..<ends[ends.count - 4] {
            let (bytes, resumption) = try goneOn(Array(whole.prefix(cut)), after: step)
            let kept = all.prefix(ends.count { $0 <= cut }).filter { $0.step <= step }
            let after = all.filter { $0.step > step }
            // Hyper-parameters are written again where they were lost; the first record always.
            let hyperparameters = kept.count < 2 ? Array(all[1...1]) : []
            #expect(try events(bytes) == Array(all[...0]) + kept.dropFirst() + hyperparameters + after, "cut at \(cut)")
            #expect(resumption.keptEvents == max(0, kept.count - 1) && resumption.damagedRecords == 0)
            #expect(resumption.lastStep == kept.dropFirst().map(\.step).max())
        }
    }

    /// One byte of the file is another one: only its record is lost, or what follows where its length is lost; what is left is whole.
    @Test func aDamagedByteCostsItsRecordAlone() throws {
        let whole = try SampleRun.whole(), ends = SampleRun.ends(whole), all = try events(whole)
        var random = SplitMix64(seed: 1)
        let step = 6, allPoints = Set(points(all))
        for place in whole.indices {
            var damaged = whole
            damaged[place] ^= UInt8(1 + random.index(below: 255))
            let record = try #require(ends.firstIndex { place < $0 }), start = record == 0 ? 0 : ends[record - 1]
            if record == 0, !(13..<21).contains(place), place < ends[0] - 4 {
                // The file is no longer known as this program's.
                #expect(throws: EventFileError.self) { _ = try goneOn(damaged, after: step) }
                continue
            }
            let (bytes, resumption) = try goneOn(damaged, after: step)
            let found = try events(bytes), foundPoints = points(found), foundSet = Set(foundPoints)
            let isLengthLost = place < start + 12
            let lost = all.indices.filter { $0 > 0 && ($0 == record || isLengthLost && $0 > record) && all[$0].step <= step }
            // Hyper-parameters are written again.
            let lostPoints = Set(points(lost.filter { $0 != 1 }.map { all[$0] }))
            #expect(foundPoints.count == foundSet.count, "twice, byte \(place)")
            #expect(allPoints.subtracting(foundSet) == lostPoints, "lost, byte \(place)")
            #expect(found.allSatisfy { all.contains($0) }, "altered, byte \(place)")
            #expect(SampleRun.ends(bytes).count == found.count, "byte \(place)")
            #expect(resumption.damagedRecords == (record > 0 && !isLengthLost ? 1 : 0), "byte \(place)")
        }
    }

    @Test func eventsOutOfOrderAreDroppedAmongOthers() throws {
        let folder = try TemporaryFolder("events"), writer = try SampleRun.writer(folder.path)
        let steps = [1, 5, 2, 9, 3, 3, 12]
        for step in steps { try writer.scalar("a", Double(step), step: step) }
        try writer.flush()
        // A crash within an earlier resumption left its file.
        try folder.write("rest", to: EventFile.temporaryName)
        let resumed = try SampleRun.writer(folder.path, resumingAfter: 3)
        #expect(resumed.path == writer.path && resumed.resumption?.droppedEvents == 3 && resumed.resumption?.lastStep == 3)
        try resumed.scalar("a", 4, step: 4)
        try resumed.flush()
        #expect(try EventFile.read(resumed.path).map(\.step) == [0, 1, 2, 3, 3, 4])
        #expect(try FileIO.list(folder.path) == [SampleRun.name])
    }

    /// The file stays the same file, so that a TensorBoard that has it open goes on reading.
    @Test func theEndIsCutOffInPlace() throws {
        let folder = try TemporaryFolder("events"), path = try folder.write(SampleRun.whole(), to: SampleRun.name)
        let before = FileIdentity(path)
        _ = try SampleRun.writer(folder.path, resumingAfter: 4)
        #expect(FileIdentity(path).isSame(as: before))
    }

    @Test func aRunThatBeginsAnewHasAFileOfItsOwn() throws {
        let folder = try TemporaryFolder("events")
        try folder.write(SampleRun.whole(), to: "events.out.tfevents.0000000001.elsewhere")
        let writer = try SampleRun.writer(folder.path)
        #expect(writer.resumption == nil)
        try SampleRun.write(0...SampleRun.steps, to: writer)
        #expect(try FileIO.list(folder.path) == [SampleRun.name] && FileIO.read(writer.path) == SampleRun.whole())
    }

    /// A run on another machine, later: the name does not change. A run without a file (begun by an older version) gets one.
    @Test func theNameStays() throws {
        let folder = try TemporaryFolder("events")
        try folder.write(SampleRun.whole(), to: "events.out.tfevents.0000000001.elsewhere")
        let writer = try SampleRun.writer(folder.path, resumingAfter: 2)
        #expect(FileIO.lastPart(of: writer.path) == "events.out.tfevents.0000000001.elsewhere")
        let empty = try TemporaryFolder("events"), new = try SampleRun.writer(empty.file("run/tensorboard"), resumingAfter: 2)
        #expect(new.resumption == nil && new.path == empty.file("run/tensorboard/" + SampleRun.name))
    }

    @Test func settingsAreWrittenOnceAndTheEndIsDropped() throws {
        let folder = try TemporaryFolder("events"), path = try folder.write(SampleRun.whole(), to: SampleRun.name)
        func count(_ tag: String) throws -> Int { try points(EventFile.read(path)).count { $0.tag.hasSuffix(tag) } }
        #expect(try count("session_start_info") == 1 && count("session_end_info") == 1)
        let writer = try SampleRun.writer(folder.path, resumingAfter: SampleRun.steps)
        try writer.hyperparameters(["other": 1])
        try writer.hyperparameters(["other": 1])
        try writer.flush()
        #expect(try count("session_start_info") == 1 && count("session_end_info") == 0)
    }
}

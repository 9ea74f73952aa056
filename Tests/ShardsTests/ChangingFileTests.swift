// Image files that change while they are read. A sample is hashed and decoded from one and the same bytes, so a shard holds what the
// manifest recorded, or the run names the sample; nothing between.
import Datasets
import Files
import Foundation
import Shards
import Synchronization
import Testing

@Suite struct ChangingFileTests {
    private static func put(_ bytes: ArraySlice<UInt8>, in path: String) {
        guard let file = fopen(path, "wb") else { return }
        // In pieces, so that readers meet half-written files.
        for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: 512) {
            bytes[start..<min(bytes.endIndex, start + 512)].withUnsafeBytes { _ = fwrite($0.baseAddress, 1, $0.count, file) }
            fflush(file)
        }
        fclose(file)
    }

    @Test func shardingWhileAnImageIsRewrittenGivesTheRecordedBytesOrNamesIt() throws {
        let demo = try DemoShards()
        try demo.make("whole")
        let whole = try demo.files("whole")
        let victim = demo.manifest.samples[5]
        let path = demo.manifest.imagePath(victim)
        let right = try FileIO.read(path)
        let other = try FileIO.read(demo.manifest.imagePath(demo.manifest.samples[6]))

        let done = Atomic<Bool>(false)
        let writer = Thread {
            var round = 0
            while !done.load(ordering: .relaxed) {
                Self.put(round % 3 == 0 ? other[...] : round % 3 == 1 ? right[..<(right.count / 2)] : right[...], in: path)
                if round % 3 == 2 { usleep(UInt32(round % 7) * 1000) }
                round += 1
            }
            done.store(false, ordering: .relaxed)
        }
        writer.start()
        var named = 0, sound = 0
        for round in 0..<12 {
            let out = "round\(round)"
            if let error = demo.failure(in: demo.folder.file(out)) {
                #expect(error.badSamples == [victim.id], "\(error)")
                #expect(!FileIO.exists(demo.folder.file(out + "/demo/train/index.json")))
                named += 1
            } else {
                #expect(try demo.files(out) == whole)
                sound += 1
            }
        }
        done.store(true, ordering: .relaxed)
        while done.load(ordering: .relaxed) { usleep(1000) }
        #expect(named + sound == 12 && named > 0)
    }

    @Test func aFileCutShortAfterItsSizeWasSeenIsSaid() throws {
        let demo = try DemoShards()
        let victim = demo.manifest.samples[3]
        let path = demo.manifest.maskPath(victim)
        let bytes = try FileIO.read(path)
        try FileIO.writeAtomically(Array(bytes.dropLast()), to: path)
        let error = try #require(demo.failure(in: demo.folder.file("out")))
        #expect(error.badSamples == [victim.id])
        #expect("\(error)".contains("has changed since"), "\(error)")
    }
}

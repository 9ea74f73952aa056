// A folder in memory where the machine has one (/dev/shm), removed when the value goes away: tests that flush thousands of files would wait
// for the disk.
import Files
import Foundation
import TestSupport

final class MemoryFolder {
    let path: String
    private let temporary: TemporaryFolder?

    init() throws {
        let place = "/dev/shm/vlseg-events-\(UUID().uuidString)"
        if (try? FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)) != nil {
            (path, temporary) = (place, nil)
        } else {
            let folder = try TemporaryFolder("events")
            (path, temporary) = (folder.path, folder)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Makes the folder hold this file alone.
    func hold(_ bytes: [UInt8], named name: String) throws -> String {
        for other in try FileIO.list(path) { try FileIO.remove(path + "/" + other) }
        try FileIO.writeAtomically(bytes, to: path + "/" + name, flush: .nothing)
        return path + "/" + name
    }
}

// A file system in memory of a given size, for tests of a full disk. Only root can mount one.
import Foundation

public final class SmallDisk {
    /// For `.enabled(if:)`.
    public static let isPossible: Bool = {
        guard getuid() == 0, let disk = try? SmallDisk(size: "64k") else { return false }
        return disk.eject()
    }()
    /// Why a test is skipped.
    public static let reason = "needs root and the right to mount a file system"

    private let folder: TemporaryFolder
    private var isMounted = true
    public var path: String { folder.path }

    public struct NotMounted: Error {}

    /// - Parameter size: as `mount -o size=` takes it.
    public init(size: String) throws {
        folder = try TemporaryFolder("small")
        guard Self.run(["mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", folder.path]) else {
            isMounted = false
            throw NotMounted()
        }
    }

    deinit { eject() }

    public func file(_ name: String) -> String { folder.file(name) }

    @discardableResult
    public func write(_ bytes: [UInt8], to name: String) throws -> String { try folder.write(bytes, to: name) }

    /// Unmounts it; false if a file in it is still open.
    @discardableResult
    public func eject() -> Bool {
        guard isMounted else { return true }
        isMounted = !Self.run(["umount", folder.path])
        return !isMounted
    }

    private static func run(_ words: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

// Reused buffers of one size for unpacked shards: after the first shards, unpacking allocates no memory.
import Foundation
import Synchronization

final class ShardMemory: Sendable {
    private struct Buffer: @unchecked Sendable {
        // No thread accesses a buffer while it is in the pool.
        let bytes: UnsafeMutableRawBufferPointer
    }

    private let size: Int
    private let free = Mutex<[Buffer]>([])

    /// - Parameter size: of the largest shard, in bytes.
    init(size: Int) { self.size = max(64, size) }

    deinit { free.withLock { for buffer in $0 { buffer.bytes.deallocate() } } }

    func take(_ count: Int) -> UnsafeMutableRawBufferPointer {
        let found = free.withLock { $0.popLast() }
        return found?.bytes ?? Self.allocate(max(count, size))
    }

    /// In huge pages if the system has them: half a million small pages cost more time than unpacking.
    private static func allocate(_ count: Int) -> UnsafeMutableRawBufferPointer {
        let page = 1 << 21
        guard count >= page else { return .allocate(byteCount: count, alignment: 64) }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: page)
        madvise(bytes.baseAddress, count, Int32(MADV_HUGEPAGE))
        return bytes
    }

    func give(_ bytes: UnsafeMutableRawBufferPointer) {
        let buffer = Buffer(bytes: bytes)
        free.withLock { $0.append(buffer) }
    }
}

// Memory of tensors: blocks handed out by an arena and returned to it when the last tensor on them goes away.
// A training step asks for the same sizes in the same order every time, so after the first step nothing is allocated.
import Foundation

/// One block of memory. Where it lives (host or device) is the arena's business; only the backend that made it looks inside.
public final class Storage {
    let address: UnsafeMutableRawPointer
    let bytes: Int
    private let arena: Arena

    init(address: UnsafeMutableRawPointer, bytes: Int, arena: Arena) {
        self.address = address
        self.bytes = bytes
        self.arena = arena
    }

    deinit { arena.giveBack(address, bytes: bytes) }
}

/// Keeps freed blocks by size and hands them out again. Belongs to one compute thread.
public final class Arena {
    /// Cache lines and vectors: every block starts on this boundary.
    static let alignment = 64
    private var free: [Int: [UnsafeMutableRawPointer]] = [:]

    /// Bytes in blocks that tensors hold now, their highest value since the last `resetPeak`, and bytes taken from the system.
    public private(set) var bytesInUse = 0
    public private(set) var peakBytes = 0
    public private(set) var bytesReserved = 0

    public init() {}

    func block(bytes wanted: Int) -> Storage {
        let bytes = max(Arena.alignment, (wanted + Arena.alignment - 1) / Arena.alignment * Arena.alignment)
        bytesInUse += bytes
        peakBytes = max(peakBytes, bytesInUse)
        if let address = free[bytes]?.popLast() { return Storage(address: address, bytes: bytes, arena: self) }
        bytesReserved += bytes
        return Storage(address: .allocate(byteCount: bytes, alignment: Arena.alignment), bytes: bytes, arena: self)
    }

    fileprivate func giveBack(_ address: UnsafeMutableRawPointer, bytes: Int) {
        bytesInUse -= bytes
        free[bytes, default: []].append(address)
    }

    public func resetPeak() { peakBytes = bytesInUse }

    /// Gives all cached blocks back to the system.
    public func trim() {
        for (bytes, blocks) in free {
            for block in blocks { block.deallocate() }
            bytesReserved -= bytes * blocks.count
        }
        free.removeAll()
    }

    deinit { for blocks in free.values { for block in blocks { block.deallocate() } } }
}

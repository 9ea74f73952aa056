// Memory of tensors: blocks handed out by an arena and returned to it when the last tensor on them goes away.
// A training step asks for the same sizes in the same order every time, so after the first step nothing is taken from the system.
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

/// Cuts blocks from few large ranges of memory and joins them again when they come back, so that a step's highest use is close to what it
/// takes from the system. Belongs to one compute thread.
public final class Arena {
    /// Cache lines and vectors: every block starts on this boundary.
    static let alignment = 64
    static let growth = 1 << 22
    /// Blocks below this have ranges of their own: statistics and other small things that stay would cut the large free ranges into pieces.
    private static let smallBytes = 1 << 18
    private let alignment: Int
    private var small: FreeRanges, large: FreeRanges

    /// Bytes in blocks that tensors hold now, and their highest value.
    public private(set) var bytesInUse = 0
    public private(set) var peakBytes = 0
    /// Bytes taken from the system.
    public var bytesReserved: Int { small.bytesTaken + large.bytesTaken }

    public convenience init() { self.init(source: HostMemory()) }

    /// - Parameters:
    ///   - alignment: of every block, in bytes.
    ///   - growth: bytes taken from the source at a time, or multiples of that.
    init(source: any MemorySource, alignment: Int = Arena.alignment, growth: Int = Arena.growth) {
        self.alignment = alignment
        small = FreeRanges(source: source, growth: min(Arena.growth, growth))
        large = FreeRanges(source: source, growth: growth)
    }

    func block(bytes wanted: Int) -> Storage {
        let bytes = max(alignment, (wanted + alignment - 1) / alignment * alignment)
        bytesInUse += bytes
        peakBytes = max(peakBytes, bytesInUse)
        return Storage(address: bytes < Arena.smallBytes ? small.take(bytes) : large.take(bytes), bytes: bytes, arena: self)
    }

    fileprivate func giveBack(_ address: UnsafeMutableRawPointer, bytes: Int) {
        bytesInUse -= bytes
        if bytes < Arena.smallBytes { small.giveBack(address, bytes) } else { large.giveBack(address, bytes) }
    }
}

/// Free ranges of address space in order of address: the smallest that fits is cut, neighbours are joined.
private struct FreeRanges: ~Copyable {
    private struct Range {
        var start: UnsafeMutableRawPointer
        var bytes: Int
        var end: UnsafeMutableRawPointer { start + bytes }
    }

    /// Address space without memory, of which `growth` bytes at a time are made usable. Most of it is never touched.
    private struct Reservation {
        let start: UnsafeMutableRawPointer
        let bytes: Int
        var used = 0
    }

    private let source: any MemorySource
    private let growth: Int
    private var ranges: [Range] = []
    private var reservations: [Reservation] = []
    var bytesTaken: Int { reservations.reduce(0) { $0 + $1.used } }

    init(source: any MemorySource, growth: Int) {
        self.source = source
        self.growth = growth
    }

    mutating func take(_ bytes: Int) -> UnsafeMutableRawPointer {
        while true {
            var best: Int?
            for (index, range) in ranges.enumerated() where range.bytes >= bytes && range.bytes < best.map({ ranges[$0].bytes }) ?? .max {
                best = index
                if range.bytes == bytes { break }
            }
            guard let best else {
                grow(toFit: bytes)
                continue
            }
            let start = ranges[best].start
            if ranges[best].bytes == bytes {
                ranges.remove(at: best)
            } else {
                ranges[best].start += bytes
                ranges[best].bytes -= bytes
            }
            return start
        }
    }

    mutating func giveBack(_ start: UnsafeMutableRawPointer, _ bytes: Int) {
        // The first range behind the block.
        var low = 0, high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].start < start { low = middle + 1 } else { high = middle }
        }
        let joinsNext = low < ranges.count && start + bytes == ranges[low].start
        let joinsLast = low > 0 && ranges[low - 1].end == start
        switch (joinsLast, joinsNext) {
        case (true, true):
            ranges[low - 1].bytes += bytes + ranges[low].bytes
            ranges.remove(at: low)
        case (true, false): ranges[low - 1].bytes += bytes
        case (false, true):
            ranges[low].start = start
            ranges[low].bytes += bytes
        case (false, false): ranges.insert(Range(start: start, bytes: bytes), at: low)
        }
    }

    /// Makes the range at the end of the last reservation large enough, or begins another one.
    private mutating func grow(toFit bytes: Int) {
        if let last = reservations.indices.last {
            let end = reservations[last].start + reservations[last].used
            // What is free at the end counts.
            let free = ranges.last.map { $0.end == end ? $0.bytes : 0 } ?? 0
            let step = (max(bytes - free, growth) + growth - 1) / growth * growth
            if reservations[last].used + step <= reservations[last].bytes {
                source.makeUsable(end, bytes: step, for: bytes)
                reservations[last].used += step
                return giveBack(end, step)
            }
        }
        let (start, reserved) = source.reserve(atLeast: (bytes + growth - 1) / growth * growth, multipleOf: growth)
        reservations.append(Reservation(start: start, bytes: reserved))
    }

    deinit { for reservation in reservations { source.release(reservation.start, bytes: reservation.bytes) } }
}

/// Where an arena's memory comes from: address space in large pieces, of which more and more is made usable.
protocol MemorySource: AnyObject {
    func reserve(atLeast least: Int, multipleOf unit: Int) -> (start: UnsafeMutableRawPointer, bytes: Int)
    /// - Parameter wanted: the bytes of the block that this is for, for messages.
    func makeUsable(_ start: UnsafeMutableRawPointer, bytes: Int, for wanted: Int)
    func release(_ start: UnsafeMutableRawPointer, bytes: Int)
}

/// The host's memory. Refusal ends the process, as it does in Swift.
final class HostMemory: MemorySource {
    /// Address space of the size of the machine's memory, or the largest part of it that the process may have.
    func reserve(atLeast least: Int, multipleOf unit: Int) -> (start: UnsafeMutableRawPointer, bytes: Int) {
        var bytes = max(least, Int(clamping: ProcessInfo.processInfo.physicalMemory) / unit * unit)
        while true {
            let start = mmap(nil, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | Int32(MAP_NORESERVE), -1, 0)
            if let start, start != MAP_FAILED {
                // Large pages where the system has them: fewer misses in the products, fewer faults in the first step.
                _ = madvise(start, bytes, Int32(MADV_HUGEPAGE))
                return (start, bytes)
            }
            guard bytes > least else { refused(least) }
            bytes = max(least, bytes / 2 / unit * unit)
        }
    }

    func makeUsable(_ start: UnsafeMutableRawPointer, bytes: Int, for wanted: Int) {
        guard mprotect(start, bytes, PROT_READ | PROT_WRITE) == 0 else { refused(wanted) }
    }

    func release(_ start: UnsafeMutableRawPointer, bytes: Int) { munmap(start, bytes) }

    private func refused(_ bytes: Int) -> Never {
        FileHandle.standardError.write(
            Data("out of memory: \(bytes >> 20) MiB for a tensor were refused; use a smaller --batch-size or image\n".utf8))
        abort()
    }
}

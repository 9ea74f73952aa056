// Unpacked shards, kept up to a budget and shared by all loader threads. One thread reads and unpacks a shard while others that need it
// wait. The least recently used shards are dropped before another is read, so that their memory is reused.
// A shard's hash is checked only when it is first read.
import Foundation

final class ShardCache: @unchecked Sendable {
    private enum Slot {
        case absent, loading
        case loaded(UnpackedShard, used: UInt64)
    }

    private let folder: String
    private let shards: [MDSShard]
    private let pool: ShardMemory
    // The fields below are accessed only while the condition is locked.
    private let condition = NSCondition()
    private var budget: Int
    private var slots: [Slot]
    private var verified: [Bool]
    /// Bytes of loaded shards and of those being loaded.
    private var bytes = 0
    private var clock: UInt64 = 0
    private var unpackers: [ShardUnpacker] = []

    /// - Parameter budget: bytes of unpacked shards to keep; one shard is always kept.
    init(folder: String, shards: [MDSShard], budget: Int) {
        self.folder = folder
        self.shards = shards
        self.budget = budget
        pool = ShardMemory(size: shards.lazy.map(\.raw.bytes).max() ?? 0)
        slots = Array(repeating: .absent, count: shards.count)
        verified = Array(repeating: false, count: shards.count)
    }

    /// Changes the budget.
    func limit(to budget: Int) {
        condition.lock()
        self.budget = budget
        makeRoom(for: 0)
        condition.unlock()
    }

    var limit: Int {
        condition.lock()
        defer { condition.unlock() }
        return budget
    }

    func shard(_ index: Int) throws(ShardError) -> UnpackedShard {
        condition.lock()
        while true {
            switch slots[index] {
            case .loaded(let data, _):
                clock += 1
                slots[index] = .loaded(data, used: clock)
                condition.unlock()
                return data
            case .loading:
                condition.wait()
                continue
            case .absent:
                break
            }
            slots[index] = .loading
            makeRoom(for: shards[index].raw.bytes)
            bytes += shards[index].raw.bytes
            let verify = !verified[index]
            let unpacker = unpackers.popLast() ?? ShardUnpacker()
            condition.unlock()
            let result = Result { () throws(ShardError) in
                try unpacker.read(shards[index], folder: folder, verify: verify, pool: pool)
            }
            condition.lock()
            defer {
                condition.broadcast()
                condition.unlock()
            }
            unpackers.append(unpacker)
            switch result {
            case .success(let data):
                clock += 1
                slots[index] = .loaded(data, used: clock)
                verified[index] = true
                return data
            case .failure(let error):
                slots[index] = .absent
                bytes -= shards[index].raw.bytes
                throw error
            }
        }
    }

    /// Drops the least recently used shards until `more` bytes fit into the budget.
    private func makeRoom(for more: Int) {
        while bytes + more > budget {
            var oldest: (index: Int, used: UInt64)?
            for (index, slot) in slots.enumerated() {
                if case .loaded(_, let used) = slot, used < oldest?.used ?? .max { oldest = (index, used) }
            }
            guard let oldest else { return }
            slots[oldest.index] = .absent
            bytes -= shards[oldest.index].raw.bytes
        }
    }
}

// Unpacked shards, kept up to a budget and shared by all loader threads. A shard is read and unpacked by one thread while others that want it wait.
import Foundation

final class ShardCache: @unchecked Sendable {
    private enum Slot {
        case loading
        case loaded(MDSShardData, used: UInt64)
    }

    private let folder: String
    private let shards: [MDSShard]
    private let budget: Int
    // All below is touched only with the condition locked.
    private let condition = NSCondition()
    private var slots: [Int: Slot] = [:]
    private var bytes = 0
    private var clock: UInt64 = 0

    /// - Parameter budget: bytes of unpacked shards to keep; one shard is always kept.
    init(folder: String, shards: [MDSShard], budget: Int) {
        self.folder = folder
        self.shards = shards
        self.budget = budget
    }

    func shard(_ index: Int) throws(ShardError) -> MDSShardData {
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
            case nil:
                break
            }
            slots[index] = .loading
            condition.unlock()
            let result: Result<MDSShardData, ShardError>
            do throws(ShardError) {
                result = .success(try MDSShardData.read(folder: folder, shard: shards[index], verifyHashes: true))
            } catch {
                result = .failure(error)
            }
            condition.lock()
            defer {
                condition.broadcast()
                condition.unlock()
            }
            switch result {
            case .success(let data):
                clock += 1
                slots[index] = .loaded(data, used: clock)
                bytes += data.bytes.count
                evict(keeping: index)
                return data
            case .failure(let error):
                slots[index] = nil
                throw error
            }
        }
    }

    /// Drops the least recently used shards until the budget holds.
    private func evict(keeping kept: Int) {
        while bytes > budget {
            var oldest: (index: Int, used: UInt64, size: Int)?
            for (index, slot) in slots where index != kept {
                if case .loaded(let data, let used) = slot, used < oldest?.used ?? .max { oldest = (index, used, data.bytes.count) }
            }
            guard let oldest else { return }
            slots[oldest.index] = nil
            bytes -= oldest.size
        }
    }
}

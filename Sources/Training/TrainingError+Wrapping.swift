// Converts library errors to training errors, so that the loop needs no do-catch around every call.
import EventFiles
import Files
import Networks
import Shards
import Tensors
import WeightFiles

extension TrainingError {
    package static func wrapping<T>(_ body: () throws(FileError) -> T) throws(TrainingError) -> T {
        do throws(FileError) { return try body() } catch { throw .file(error) }
    }

    package static func wrapping<T>(_ body: () throws(ShardError) -> T) throws(TrainingError) -> T {
        do throws(ShardError) { return try body() } catch { throw .shards(error) }
    }

    package static func wrapping<T>(_ body: () throws(WeightFileError) -> T) throws(TrainingError) -> T {
        do throws(WeightFileError) { return try body() } catch { throw .weights(error) }
    }

    package static func wrapping<T>(_ body: () throws(BackendError) -> T) throws(TrainingError) -> T {
        do throws(BackendError) { return try body() } catch { throw .backend(error) }
    }

    package static func wrapping<T>(_ body: () throws(NetworkError) -> T) throws(TrainingError) -> T {
        do throws(NetworkError) { return try body() } catch { throw .networks(error) }
    }

    package static func wrapping<T>(_ body: () throws(EventFileError) -> T) throws(TrainingError) -> T {
        do throws(EventFileError) { return try body() } catch { throw .events(error) }
    }

    /// The error as a run reports it: a damaged shard comes with the ways to continue.
    var ofARun: TrainingError {
        if case .shards(.damaged(let problem)) = self { return .damagedShard(problem) }
        return self
    }
}

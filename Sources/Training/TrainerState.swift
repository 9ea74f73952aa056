// What a resumed run needs besides parameters and moments: state.json, small enough for a person to read.
import Files
import Foundation
import Shards

public struct TrainerState: Codable, Sendable, Equatable {
    public var formatVersion = 1
    /// The current epoch, from 0, and the next batch in it; with the seed this is the loader's whole state.
    public var epoch = 0
    public var nextBatch = 0
    public var seed: UInt64
    /// Number of optimizer steps.
    public var step = 0
    /// Loss terms of the current epoch.
    public var sums = LossSums()
    public var stopping: EarlyStopping
    public var finished = false
    /// Lengths in bytes of log.jsonl and metrics.csv. (timing.csv is not part of the state: it only grows.)
    public var logLength = 0
    public var metricsLength = 0
    /// Shards that the run skips, in the order in which they were found; nil for none. The list does not change when they are repaired:
    /// with the seed it decides the order of the other samples.
    public var quarantined: [QuarantinedShard]?

    public init(seed: UInt64, stopping: EarlyStopping) {
        self.seed = seed
        self.stopping = stopping
    }

    func write(to path: String) throws(FileError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        do {
            try FileIO.writeAtomically(Array(encoder.encode(self)) + [UInt8(ascii: "\n")], to: path)
        } catch let error as FileError {
            throw error
        } catch {
            throw .unwritable(path: path, reason: "\(error)")
        }
    }

    static func read(_ path: String) throws(TrainingError) -> TrainerState {
        do {
            return try JSONDecoder().decode(TrainerState.self, from: Data(FileIO.read(path, limit: 1 << 20)))
        } catch let error as FileError {
            throw .file(error)
        } catch {
            throw .foreignRun(path: path, reason: "it is not a trainer's state (\(error))")
        }
    }
}

// The disk space of a run, computed from the number of parameters before the first step. Otherwise a full disk would be noticed only at the
// first save, an epoch later. Not for the logs, which are small.
import Files
import Foundation
import Networks
import Tensors

public struct RunSpace: Sendable {
    /// Bytes of one file of parameters.
    private let parameters: Int

    /// - Parameter threads: number of compute threads of the CPU.
    public init(_ configuration: RunConfiguration, threads: Int) {
        // Names and shapes only: no memory is reserved.
        let model = (try? CPUBackend(threads: threads)).flatMap {
            try? ModelZoo.model(configuration.model, ModelSetup(backend: $0, trains: false, builds: false))
        }
        parameters = 4 * (model?.parameters.entries.reduce(0) { $0 + $1.count } ?? 0)
    }

    /// best, last, and AdamW's two moments.
    public var kept: Int { 4 * parameters }
    /// During a save, the previous state is kept too.
    public var most: Int { 7 * parameters }

    public func words(for folder: RunFolder) -> String {
        let free = FileIO.freeSpace(at: folder.path).map { "; \(Self.megabytes($0)) are free" } ?? ""
        return "\(folder.path): the run takes about \(Self.megabytes(kept)), and \(Self.megabytes(most)) while it saves" + free
    }

    /// - Throws: `noRoom` if the disk has too little space for what the run will still write.
    public func check(_ folder: RunFolder) throws(TrainingError) {
        guard let free = FileIO.freeSpace(at: folder.path) else { return }
        let names = [folder.best, folder.last, folder.optimizer]
        let there = names.reduce(0) { $0 + ((try? FileIO.size($1)) ?? 0) }
        guard free < most - min(there, kept) else { return }
        throw .noRoom(
            path: folder.path, kept: Self.megabytes(kept), most: Self.megabytes(most - min(there, kept)), free: Self.megabytes(free))
    }

    private static func megabytes(_ bytes: Int) -> String {
        bytes >= 10_000_000_000 ? "\(bytes / 1_000_000_000) GB" : "\((bytes + 500_000) / 1_000_000) MB"
    }
}

// The frozen text encoder of a run: opened from a Hugging Face folder, or the untrained deterministic one. Also fills the feature cache.
// Shape letters: B batch, N text tokens, D text width.
import Files
import Foundation
import Networks
import Synchronization
import Tensors
import Text
import WeightFiles

public final class CaptionEncoder {
    /// Number of captions per forward pass.
    private static let batchSize = 32

    /// "untrained", or the hash of the encoder's weights: encoders with the same identity give the same features.
    public let identity: String
    /// The encoder's folder; nil for the untrained encoder.
    public let folder: String?
    public var width: Int { encoder.configuration.hiddenSize }
    public var vocabularySize: Int { encoder.configuration.vocabularySize }
    /// What the user should know about how the encoder was found and read.
    public var notes: [String] { encoder.notes }
    private let encoder: TextEncoder

    /// Opens a Hugging Face BERT folder.
    public init(folder: String, backend: any Backend) throws(TrainingError) {
        let resolved = try TrainingError.wrapping { () throws(NetworkError) in
            do throws(ModelFolder.Failure) { return try ModelFolder.resolve(folder).path } catch { throw .modelFolder(error) }
        }
        // A folder without weights is refused below.
        let weights = (try? WeightFile.files(of: resolved)) ?? [resolved]
        // Hashing some hundred megabytes takes as long as reading them into the network, so both run at the same time.
        let hash = ConcurrentHash(ofFiles: weights)
        encoder = try TrainingError.wrapping { () throws(NetworkError) in try TextEncoder.open(folder: folder, backend: backend) }
        self.folder = folder
        identity = try TrainingError.wrapping { () throws(FileError) in try hash.value() }
    }

    /// The untrained encoder for a vocabulary: the same on every machine; of little use for captions that training did not see.
    public init(untrainedFor vocabulary: Vocabulary, backend: any Backend) {
        encoder = TextEncoder(configuration: .untrained(vocabularySize: vocabulary.count), backend: backend)
        folder = nil
        identity = "untrained"
    }

    /// Encodes the captions that the cache does not have.
    /// - Returns: false when cancelled.
    public func fill(
        _ cache: inout TextFeatureCache, with sequences: [TokenSequence], source: String, cancellation: Cancellation,
        progress: (_ done: Int, _ total: Int) -> Void
    ) throws(TrainingError) -> Bool {
        let missing = cache.missing(among: sequences)
        for sequence in missing {
            guard let largest = sequence.ids.max(), largest < vocabularySize else {
                throw .tokenOutOfRange(id: Int(sequence.ids.max() ?? 0), vocabulary: vocabularySize, shards: source)
            }
            guard sequence.ids.count <= encoder.configuration.maximumPositions else {
                throw .captionsTooLong(tokens: sequence.ids.count, positions: encoder.configuration.maximumPositions, shards: source)
            }
        }
        var done = 0
        progress(done, missing.count)
        while done < missing.count {
            if cancellation.isCancelled { return false }
            let batch = Array(missing[done..<min(done + Self.batchSize, missing.count)])
            let features = encoder.features(
                ids: batch.flatMap(\.ids), attention: batch.flatMap(\.attention), batch: batch.count)
            let backend = encoder.parameters.backend
            try TrainingError.wrapping { () throws(BackendError) in try backend.check() }
            cache.add(batch, features: backend.values(features))
            done += batch.count
            progress(done, missing.count)
        }
        return true
    }
}

/// The SHA-256 of a file, or the SHA-256 of the hashes of several files in order. It is computed on its own thread.
private final class ConcurrentHash: Sendable {
    private let result = Mutex<Result<String, FileError>?>(nil)
    private let finished = DispatchSemaphore(value: 0)

    init(ofFiles paths: [String]) {
        Thread.detachNewThread { [self] in
            let found: Result<String, FileError>
            do throws(FileError) {
                var hashes: [String] = []
                for path in paths { hashes.append(try Digest.sha256(ofFile: path)) }
                found = .success(hashes.count == 1 ? hashes[0] : Digest.sha256(Array(hashes.joined().utf8)))
            } catch { found = .failure(error) }
            result.withLock { $0 = found }
            finished.signal()
        }
    }

    /// Waits for the hash; call it once.
    func value() throws(FileError) -> String {
        finished.wait()
        guard let found = result.withLock({ $0 }) else { return "" }
        return try found.get()
    }
}

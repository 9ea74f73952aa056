// Mirrors shards from an http(s) address into a cache folder before they are read: small files first, then every shard; all are checked
// against the index. Everything is in the cache before the first training step; nothing is fetched later.
// Not for reading shards (Shards) or for transfers (Downloads).
// Invariants: a shard in the cache is whole and has the hashes of the index. A split's index.json is written when all its shards are in the
// cache (except damaged ones on the server, if the caller skips them).
import Datasets
import Downloads
import Files
import Foundation
import Shards
import Synchronization

public struct RemoteShardFolder: Sendable {
    /// Without a trailing slash.
    public let url: String
    /// The folder of the mirror: CACHE/HASH/NAME.
    public let folder: String
    /// Number of shards that are fetched at the same time.
    public var connections = 4
    /// Seconds before the first retry of a failed transfer; later waits are longer.
    public var pause = 1.0

    /// The progress of a mirroring.
    public struct Progress: Sendable {
        public let bytes: Int, totalBytes: Int
    }

    /// The result of a mirroring.
    public struct Report: Sendable {
        public let folder: String
        public let shards: Int, fetched: Int
        public let bytes: Int
        /// Shards that differ from the index or are missing on the server; only if such shards are skipped.
        public let bad: [DownloadError]
    }

    /// Whether a word is the address of shards and not a folder.
    public static func isAddress(_ word: String) -> Bool { word.hasPrefix("http://") || word.hasPrefix("https://") }

    /// - Parameters:
    ///   - address: of the folder of a dataset (with train/, val/, test/) or of one split.
    ///   - cache: nil for the user's cache folder, $XDG_CACHE_HOME/swift-vlseg/shards or ~/.cache/swift-vlseg/shards.
    public init(_ address: String, cache: String?) throws(DownloadError) {
        var url = address
        while url.hasSuffix("/") { url.removeLast() }
        guard let parts = URL(string: url), let host = parts.host, !host.isEmpty else {
            throw .badAddress(url: address, reason: "no host in it")
        }
        guard parts.query == nil, parts.fragment == nil else { throw .badAddress(url: address, reason: "it has a query or a fragment") }
        guard let name = parts.path.split(separator: "/").last.map(String.init), name != ".", name != ".." else {
            throw .badAddress(url: address, reason: "no path in it")
        }
        self.url = url
        // The name comes last, because runs are named after it; the hash separates datasets of the same name from different addresses.
        let place: String
        if let cache { place = cache } else { place = try Self.defaultCache() }
        folder = place + "/" + String(Digest.sha256(url).prefix(16)) + "/" + name
    }

    private static func defaultCache() throws(DownloadError) -> String {
        let environment = ProcessInfo.processInfo.environment
        if let place = environment["XDG_CACHE_HOME"], place.hasPrefix("/") { return place + "/swift-vlseg/shards" }
        guard let home = environment["HOME"], home.hasPrefix("/") else { throw .noCacheFolder }
        return home + "/.cache/swift-vlseg/shards"
    }

    /// Brings the cache up to date.
    /// - Parameters:
    ///   - required: splits that must exist; other splits are mirrored if they exist. The address may also be the folder of one split.
    ///   - skippingBad: skips shards that differ from the index on the server; they are then missing in the cache.
    public func mirror(
        required: [Split] = [], skippingBad: Bool = false, cancellation: Cancellation = Cancellation(),
        progress: (@Sendable (Progress) -> Void)? = nil
    ) throws(RemoteShardsError) -> Report {
        do throws(DownloadError) {
            try DownloadError.wrapping { () throws(FileError) in try FileIO.createFolder(folder) }
        } catch { throw .download(error) }
        let lock: FolderLock
        do throws(DownloadError) { lock = try FolderLock(folder: folder) } catch { throw .download(error) }
        defer { withExtendedLifetime(lock) {} }
        let parts = try splits(required, cancellation)
        try vocabulary(parts, cancellation)
        for part in parts { try part.samples(cancellation) }
        let report = try shards(parts, skippingBad: skippingBad, cancellation, progress)
        for part in parts { try part.publish() }
        return report
    }

    /// The existing splits: the address itself, or those below it.
    private func splits(_ required: [Split], _ cancellation: Cancellation) throws(RemoteShardsError) -> [RemoteSplit] {
        if case .split(let own) = try RemoteSplit.find(self, name: nil, cancellation) { return [own] }
        var parts: [RemoteSplit] = []
        var first: DownloadError?
        for split in Split.allCases {
            switch try RemoteSplit.find(self, name: split.rawValue, cancellation) {
            case .split(let part): parts.append(part)
            case .absent(let reason):
                if required.contains(split) { throw .download(reason) }
                first = first ?? reason
            }
        }
        if parts.isEmpty, let first { throw .download(first) }
        return parts
    }

    private func shards(
        _ parts: [RemoteSplit], skippingBad: Bool, _ cancellation: Cancellation, _ progress: (@Sendable (Progress) -> Void)?
    ) throws(RemoteShardsError) -> Report {
        let downloads = parts.flatMap(\.downloads)
        let total = downloads.reduce(0) { $0 + ($1.expected.bytes ?? 0) }
        let done = Mutex(0)
        @Sendable func count(_ bytes: Int) {
            let now = done.withLock { done in
                done += bytes
                return done
            }
            progress?(Progress(bytes: now, totalBytes: total))
        }
        let failed = Cancellation()
        let results = ParallelMap.map(downloads, threads: connections) { download -> Result<Outcome, RemoteShardsError> in
            if cancellation.isCancelled { return .failure(.download(.cancelled)) }
            // After one failure the remaining shards are left for the next run.
            if failed.isCancelled { return .success(.kept) }
            return Result { () throws(RemoteShardsError) in
                if download.isDone {
                    count(download.expected.bytes ?? 0)
                    return .kept
                }
                do throws(DownloadError) {
                    try DownloadError.wrapping { () throws(FileError) in
                        try FileIO.createFolder(FileIO.parent(of: download.path))
                        try FileIO.remove(download.path)
                    }
                    try download.run(cancellation: cancellation, progress: count)
                } catch {
                    if skippingBad, error.isOfTheFile { return .bad(error) }
                    failed.cancel()
                    throw .download(error)
                }
                return .fetched
            }
        }
        var fetched = 0
        var bad: [DownloadError] = []
        for result in results {
            switch try result.get() {
            case .kept: break
            case .fetched: fetched += 1
            case .bad(let error): bad.append(error)
            }
        }
        return Report(folder: folder, shards: downloads.count, fetched: fetched, bytes: total, bad: bad)
    }

    private enum Outcome {
        case kept, fetched
        case bad(DownloadError)
    }

    /// Fetches vocab.txt and the tokenizer's settings: they are beside the splits, or above a split that is mirrored alone. Shards without
    /// tokens and shards of other programs may lack both.
    private func vocabulary(_ parts: [RemoteSplit], _ cancellation: Cancellation) throws(RemoteShardsError) {
        guard parts.allSatisfy({ $0.name != nil }) else { return }
        let known = parts.contains { $0.index.provenance?.vocabularySHA256 != nil }
        let absent = try optional(Sharding.vocabularyName, limit: 64 << 20, cancellation)
        if known, let absent { throw .download(absent) }
        _ = try optional("tokenizer_config.json", limit: 1 << 20, cancellation)
    }

    /// Fetches a small file again; returns the server's answer if the file does not exist.
    private func optional(_ name: String, limit: Int, _ cancellation: Cancellation) throws(RemoteShardsError) -> DownloadError? {
        try Self.fetch(url + "/" + name, to: folder + "/" + name, limit: limit, pause: pause, cancellation)
    }

    /// - Returns: nil if the file was fetched; otherwise "not found", or "forbidden", which some object stores answer for names that do not
    ///   exist.
    static func fetch(
        _ url: String, to path: String, limit: Int, pause: Double, _ cancellation: Cancellation
    ) throws(RemoteShardsError) -> DownloadError? {
        do throws(DownloadError) {
            // Small files have no hash for resuming, so a partial file of a stopped run is removed.
            try DownloadError.wrapping { () throws(FileError) in try FileIO.remove(path + Download.partialSuffix) }
            var download = Download(url, to: path, expected: Expectation(limit: limit))
            download.pause = pause
            try download.run(cancellation: cancellation)
            return nil
        } catch {
            switch error {
            case .notFound, .forbidden:
                // The file of an earlier mirroring no longer exists on the server.
                try? FileIO.remove(path + Download.partialSuffix)
                try? FileIO.remove(path)
                return error
            default: throw .download(error)
            }
        }
    }
}

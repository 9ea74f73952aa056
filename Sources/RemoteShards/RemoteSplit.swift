// One split at an address: its index, fetched and checked, and the downloads of its shards.
import Downloads
import Files
import Foundation
import Shards

struct RemoteSplit: Sendable {
    /// Nil if the address is the split itself.
    let name: String?
    let index: MDSIndex
    private let url: String
    private let folder: String
    private let pause: Double

    /// The fetched index has this name until all shards are in the cache.
    private static let waiting = "index.json.next"

    enum Found {
        case split(RemoteSplit)
        /// The server has no index there; the value is its answer.
        case absent(DownloadError)
    }

    /// Fetches the split's index under its waiting name.
    static func find(_ remote: RemoteShardFolder, name: String?, _ cancellation: Cancellation) throws(RemoteShardsError) -> Found {
        let url = name.map { remote.url + "/" + $0 } ?? remote.url
        let folder = name.map { remote.folder + "/" + $0 } ?? remote.folder
        do throws(FileError) { try FileIO.createFolder(folder) } catch { throw .download(.file(error)) }
        let path = folder + "/" + waiting
        if let absent = try RemoteShardFolder.fetch(
            url + "/" + MDSIndex.name, to: path, limit: MDSIndex.sizeLimit, pause: remote.pause, cancellation)
        {
            rmdir(folder)  // Only if empty: it was created above and is not needed.
            return .absent(absent)
        }
        let bytes: [UInt8]
        do throws(FileError) { bytes = try FileIO.read(path) } catch { throw .download(.file(error)) }
        do throws(ShardError) {
            let index = try MDSIndex.parse(bytes, path: url + "/" + MDSIndex.name)
            return .split(RemoteSplit(name: name, index: index, url: url, folder: folder, pause: remote.pause))
        } catch { throw .shards(error) }
    }

    var downloads: [Download] {
        index.shards.map { shard in
            // Spaces and non-ASCII letters in names are percent-encoded.
            let name = shard.stored.basename
            let written = name.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? name
            var download = Download(
                url + "/" + written, to: folder + "/" + name,
                expected: Expectation(bytes: shard.stored.bytes, hashes: shard.stored.hashes))
            download.pause = pause
            return download
        }
    }

    /// The register of samples, which names damaged samples; shards of other programs have none.
    func samples(_ cancellation: Cancellation) throws(RemoteShardsError) {
        guard let provenance = index.provenance else { return }
        let name = ShardPublication.samplesName
        var download = Download(
            url + "/" + name, to: folder + "/" + name, expected: Expectation(hashes: ["sha256": provenance.samplesSHA256]))
        download.pause = pause
        if download.isDone { return }
        do throws(DownloadError) {
            try DownloadError.wrapping { () throws(FileError) in try FileIO.remove(download.path) }
            try download.run(cancellation: cancellation)
        } catch { throw .download(error) }
    }

    /// Gives the split's index its final name.
    func publish() throws(RemoteShardsError) {
        do throws(FileError) {
            try FileIO.writeAtomically(try FileIO.read(folder + "/" + Self.waiting), to: folder + "/" + MDSIndex.name)
            try FileIO.remove(folder + "/" + Self.waiting)
        } catch { throw .download(.file(error)) }
    }
}

// Shards over HTTP from a real local server: mirrored whole, resumed, checked, and every failure named.
import Datasets
import Downloads
import Files
import Foundation
import RemoteShards
import Shards
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: FileServer.isPossible, Comment(rawValue: FileServer.skipMessage)))
struct RemoteShardsTests {
    private let work: TemporaryFolder
    private let server: FileServer
    private var cache: String { work.file("cache") }

    init() throws {
        work = try TemporaryFolder("remote")
        server = try FileServer { try Self.makeShards(in: $0) }
    }

    private static func makeShards(in folder: TemporaryFolder) throws {
        try DemoDataset.write(to: folder.file("demo"), count: 12, seed: 1)
        var ingest = IngestOptions(dataset: .kvasir)
        ingest.root = folder.file("demo")
        ingest.name = "demo"
        ingest.manifests = folder.file("manifests")
        var options = ShardingOptions()
        options.size = 64
        options.sizeLimit = 60_000
        _ = try Sharding.run(manifest: try Ingest.run(ingest).manifest, folder: folder.file("shards"), options: options)
        ingest.name = "bare"
        ingest.leavesCaptionsOut = true
        ingest.shares = try SplitShares("60/20/20")
        _ = try Sharding.run(manifest: try Ingest.run(ingest).manifest, folder: folder.file("shards"), options: options)
    }

    @Test func imagesWithoutCaptionsAreMirroredWithoutAVocabulary() throws {
        let remote = try remote("shards/bare")
        _ = try remote.mirror()
        #expect(try files(remote.folder) == files(server.folder.file("shards/bare")))
        #expect(!FileIO.exists(remote.folder + "/vocab.txt"))
        #expect(try !ShardSet(folder: remote.folder + "/train").hasCaptions)
    }

    private func remote(_ path: String = "shards/demo") throws -> RemoteShardFolder {
        var remote = try RemoteShardFolder(server.address(path), cache: cache)
        remote.pause = 0.01
        return remote
    }

    private func error(_ body: () throws -> Void) -> RemoteShardsError? {
        do { try body() } catch let error as RemoteShardsError { return error } catch { Issue.record("\(error)") }
        return nil
    }

    /// Relative paths and bytes; the lock file and what the server alone has apart.
    private func files(_ folder: String) throws -> [String: [UInt8]] {
        var result: [String: [UInt8]] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder) where FileIO.isFile(folder + "/" + path) && path != ".lock"
        {
            result[path] = try FileIO.read(folder + "/" + path)
        }
        return result
    }

    private var shardName: String {
        get throws { try #require(MDSIndex.read(folder: server.folder.file("shards/demo/train")).shards.first).stored.basename }
    }

    @Test func theMirrorEqualsTheServersFolderAndIsNotFetchedTwice() throws {
        let remote = try remote()
        let report = try remote.mirror(required: [.train, .val])
        #expect(report.fetched == report.shards && report.shards > 3 && report.folder == remote.folder)
        #expect(try files(remote.folder) == files(server.folder.file("shards/demo")))
        #expect(try Verification.run(folder: remote.folder).problems.isEmpty)
        server.forgetRequests()
        #expect(try remote.mirror().fetched == 0)
        #expect(!server.requests.contains { $0.contains(".mds") } && server.requests.contains { $0.contains("train/index.json") })
        // One split by its own address.
        let train = try self.remote("shards/demo/train")
        _ = try train.mirror()
        #expect(try files(train.folder) == files(server.folder.file("shards/demo/train")))
        #expect((remote.folder as NSString).lastPathComponent == "demo")
    }

    @Test func aCutConnectionIsResumedByRange() throws {
        let name = try shardName
        try server.misbehave("{\"cut\": {\"train/\(name)\": [1000, 2]}}")
        let remote = try remote()
        _ = try remote.mirror()
        let train = server.requests.filter { $0.contains("train/\(name)") }
        #expect(train.first?.contains("- 200 cut") == true, "\(train)")
        #expect(train.contains { $0.contains("bytes=1000- 206") }, "\(train)")
        #expect(try files(remote.folder) == files(server.folder.file("shards/demo")))
    }

    @Test func aMirroringThatDiedGoesOnWhereItWas() throws {
        let name = try shardName
        let whole = try FileIO.read(server.folder.file("shards/demo/train/\(name)"))
        let remote = try remote()
        try FileIO.createFolder(remote.folder + "/train")
        try FileIO.writeAtomically(Array(whole.prefix(777)), to: remote.folder + "/train/\(name).partial")
        _ = try remote.mirror()
        #expect(server.requests.contains { $0.contains("train/\(name) bytes=777- 206") })
        #expect(try files(remote.folder) == files(server.folder.file("shards/demo")))
    }

    @Test func aPartOfAnotherFileIsNoticedAndDropped() throws {
        let name = try shardName
        let remote = try remote()
        try FileIO.createFolder(remote.folder + "/train")
        try FileIO.writeAtomically([UInt8](repeating: 7, count: 500), to: remote.folder + "/train/\(name).partial")
        _ = try remote.mirror()
        #expect(try files(remote.folder) == files(server.folder.file("shards/demo")))
    }

    @Test func aServerWithoutRangesSendsAllAgain() throws {
        let name = try shardName
        try server.misbehave("{\"norange\": true, \"cut\": {\"train/\(name)\": [1000, 1]}}")
        let remote = try remote()
        _ = try remote.mirror()
        #expect(server.requests.contains { $0.contains("train/\(name) bytes=1000- 200") })
        #expect(try files(remote.folder) == files(server.folder.file("shards/demo")))
    }

    @Test func aConnectionThatIsCutAgainAndAgainIsAnErrorAndKeepsWhatCame() throws {
        let name = try shardName
        try server.misbehave("{\"cut\": {\"train/\(name)\": [100, 99]}}")
        let remote = try remote()
        let found = try #require(error { _ = try remote.mirror() })
        #expect(
            found.kind == .environment && "\(found)".contains("the connection was cut")
                && "\(found)".contains("run the same command again"), "\(found)")
        #expect(!FileIO.exists(remote.folder + "/train/" + name) && !FileIO.exists(remote.folder + "/train/index.json"))
        try server.misbehave("{}")
        _ = try remote.mirror()
        #expect(try files(remote.folder) == files(server.folder.file("shards/demo")))
    }

    @Test func damageOnTheServerIsNamedAndNothingOfItKept() throws {
        let name = try shardName
        let path = server.folder.file("shards/demo/train/\(name)")
        var bytes = try FileIO.read(path)
        bytes[bytes.count / 2] ^= 1
        try FileIO.writeAtomically(bytes, to: path)
        let remote = try remote()
        let found = try #require(error { _ = try remote.mirror() })
        #expect(found.kind == .data && "\(found)".contains("train/\(name): its ") && "\(found)".contains("damaged or changed"), "\(found)")
        #expect(!FileIO.exists(remote.folder + "/train/" + name) && !FileIO.exists(remote.folder + "/train/\(name).partial"))
        // Longer and shorter than the index says.
        try FileIO.writeAtomically(bytes + [0], to: path)
        #expect(error { _ = try remote.mirror() }.map { "\($0)" }?.contains("more than the \(bytes.count) bytes expected") == true)
        try FileIO.writeAtomically(Array(bytes.dropLast()), to: path)
        #expect(error { _ = try remote.mirror() } != nil)
    }

    @Test func damageOnTheServerIsSkippedOnRequestAndTheRestIsThere() throws {
        let index = try MDSIndex.read(folder: server.folder.file("shards/demo/train"))
        try #require(index.shards.count > 2)
        let paths = index.shards.prefix(2).map { server.folder.file("shards/demo/train/\($0.stored.basename)") }
        let whole = try FileIO.read(paths[0])
        try FileIO.writeAtomically(whole.map { ~$0 }, to: paths[0])
        try FileManager.default.removeItem(atPath: paths[1])
        let remote = try remote()
        let report = try remote.mirror(required: [.train, .val], skippingBad: true)
        #expect(report.bad.count == 2 && report.fetched == report.shards - 2)
        #expect(report.bad.allSatisfy { "\($0)".contains("/train/shard.") })
        let left = try Quarantine.find(folder: remote.folder + "/train", split: "train")
        #expect(
            left.map(\.shard) == index.shards.prefix(2).map(\.stored.basename) && left.allSatisfy { $0.reason == "the file is missing" })
        // Repaired on the server, it comes with the next mirroring; without the request the one still bad is an error.
        try FileIO.writeAtomically(whole, to: paths[0])
        #expect(try remote.mirror(skippingBad: true).fetched == 1)
        #expect(error { _ = try remote.mirror() } != nil)
    }

    @Test func damageInTheCacheIsFetchedAgain() throws {
        let remote = try remote()
        _ = try remote.mirror()
        let path = remote.folder + "/train/" + (try shardName)
        var bytes = try FileIO.read(path)
        bytes[10] ^= 1
        try FileIO.writeAtomically(bytes, to: path)
        #expect(try remote.mirror().fetched == 1)
        #expect(try files(remote.folder) == files(server.folder.file("shards/demo")))
    }

    @Test func failuresAreNamed() throws {
        let gone = try #require(error { _ = try remote("nowhere").mirror() })
        #expect(gone.kind == .usage && "\(gone)".contains("nowhere/train/index.json: does not exist (HTTP 404)"))
        try server.misbehave("{\"status\": {\"vocab.txt\": 403}}")
        #expect(error { _ = try remote().mirror() }.map { "\($0)" }?.contains("does not let this client read it (HTTP 403)") == true)
        try server.misbehave("{\"status\": {\"index.json\": 503}}")
        #expect(error { _ = try remote().mirror() }.map { "\($0)" }?.contains("answered HTTP 503") == true)
        try server.misbehave("{}")
        try FileIO.remove(server.folder.file("shards/demo/val/index.json"))
        #expect(
            error { _ = try remote().mirror(required: [.train, .val]) }.map { "\($0)" }?.contains(
                "demo/val/index.json: does not exist (HTTP 404)") == true)
        var host = try RemoteShardFolder("http://no-such-host.invalid/shards/demo", cache: cache)
        host.pause = 0.01
        let unknown = try #require(error { _ = try host.mirror() })
        #expect(unknown.kind == .environment && "\(unknown)".contains("no such host"), "\(unknown)")
        var closed = try RemoteShardFolder("http://127.0.0.1:9/shards/demo", cache: cache)
        closed.pause = 0.01
        #expect(error { _ = try closed.mirror() }.map { "\($0)" }?.contains("no connection") == true)
        for bad in ["http://", "http:///x", "https://host", "http://host/a?b=c"] {
            #expect(throws: DownloadError.self, "\(bad)") { _ = try RemoteShardFolder(bad, cache: cache) }
        }
        try server.misbehave("{\"status\": {\"index.json\": 200}}")
        #expect(error { _ = try remote().mirror() }.map { "\($0)" }?.contains("not a valid MDS index") == true)
    }

    @Test func aCertificateThatNobodySignedIsRefused() throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl") else { return }
        let secure = try FileServer(certificate: ("cert.pem", "key.pem")) { folder in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
            process.arguments = [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", folder.file("key.pem"),
                "-out",
                folder.file("cert.pem"), "-days", "2", "-subj", "/CN=localhost",
            ]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
        }
        let remote = try RemoteShardFolder(secure.address("shards/demo", scheme: "https"), cache: cache)
        let found = try #require(error { _ = try remote.mirror() })
        #expect(found.kind == .environment && "\(found)".contains("certificate is not trusted"), "\(found)")
    }

    @Test func oneProcessAtATime() throws {
        let remote = try remote()
        try FileIO.createFolder(remote.folder)
        let lock = try FolderLock(folder: remote.folder)
        #expect(error { _ = try remote.mirror() }.map { "\($0)" }?.contains("another process is filling this cache") == true)
        withExtendedLifetime(lock) {}
    }

    @Test func cancelling() throws {
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(error { _ = try remote().mirror(cancellation: cancellation) }?.kind == .cancelled)
    }

    @Test(.enabled(if: FileIO.exists("/dev/full"), "no /dev/full here")) func aFullDiskIsSaid() throws {
        let remote = try remote()
        try FileIO.createFolder(remote.folder + "/train")
        try FileManager.default.createSymbolicLink(
            atPath: remote.folder + "/train/\(try shardName).partial", withDestinationPath: "/dev/full")
        let found = try #require(error { _ = try remote.mirror() })
        #expect(found.kind == .environment && "\(found)".contains("no space left"), "\(found)")
    }
}

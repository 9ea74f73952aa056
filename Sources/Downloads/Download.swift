// Downloads a file from a server to a path: resumes a partial file, checks the content, and gives the file its name only when it is whole.
// Invariants: `path` is either absent, or whole and checked. The bytes so far are in `path.partial`, which the next attempt continues.
import CCURL
import Files
import Foundation

/// What a downloaded file must be.
public struct Expectation: Sendable {
    /// Nil if unknown.
    public var bytes: Int?
    /// Digests by algorithm; unknown algorithms are ignored.
    public var hashes: [String: String]
    /// The largest accepted number of bytes if `bytes` is nil.
    public var limit: Int

    public init(bytes: Int? = nil, hashes: [String: String] = [:], limit: Int = 1 << 30) {
        self.bytes = bytes
        self.hashes = hashes
        self.limit = limit
    }
}

public struct Download: Sendable {
    public static let partialSuffix = ".partial"
    public let url: String
    public let path: String
    public let expected: Expectation
    /// Attempts after the first, for failures that may be temporary.
    public var retries = 3
    /// Seconds before the first retry; the wait doubles each time.
    public var pause = 1.0

    public init(_ url: String, to path: String, expected: Expectation) {
        self.url = url
        self.path = path
        self.expected = expected
    }

    /// - Parameter progress: called with the number of bytes received since the last call; negative if received bytes were discarded.
    public func run(cancellation: Cancellation, progress: @escaping (Int) -> Void = { _ in }) throws(DownloadError) {
        var attempt = 0, cleared = false
        while true {
            do throws(DownloadError) {
                try fetch(cancellation, progress)
                try publish(progress)
                return
            } catch {
                if cancellation.isCancelled { throw .cancelled }
                switch error {
                case .wrongHash, .wrongSize:
                    // Perhaps the beginning is from an older version of the file: download it once more from the start.
                    guard !cleared else { throw error }
                    cleared = true
                case .cut, .refused, .noConnection:
                    guard attempt < retries else { throw error }
                    attempt += 1
                    wait(pause * Double(1 << (attempt - 1)), cancellation)
                default: throw error
                }
            }
        }
    }

    private func wait(_ seconds: Double, _ cancellation: Cancellation) {
        let end = Date().addingTimeInterval(seconds)
        while !cancellation.isCancelled, Date() < end { Thread.sleep(forTimeInterval: 0.05) }
    }

    private var partial: String { path + Self.partialSuffix }

    /// Brings the partial file to its full length.
    private func fetch(_ cancellation: Cancellation, _ progress: @escaping (Int) -> Void) throws(DownloadError) {
        let sink = try PartialFile(partial)
        var have = sink.count
        if let bytes = expected.bytes, have >= bytes {
            if have == bytes { return }
            try sink.clear()
            have = 0
        }
        let start = have
        progress(start)
        var failure: DownloadError?
        var position = start
        var sawBody = false
        let url = url, expected = expected
        let outcome = Transfer.get(
            url, from: start,
            receive: { bytes, status in
                guard (200..<300).contains(status) else { return true }  // The body is an error page: do not keep it.
                if !sawBody {
                    sawBody = true
                    if status != 206, position > 0 {
                        // The server does not resume; it sends the whole file.
                        progress(-position)
                        position = 0
                        do throws(DownloadError) { try sink.clear() } catch {
                            failure = error
                            return false
                        }
                    }
                }
                if position + bytes.count > expected.bytes ?? expected.limit {
                    failure = .tooLong(url: url, expected: expected.bytes ?? expected.limit)
                    return false
                }
                do throws(DownloadError) { try sink.append(bytes) } catch {
                    failure = error
                    return false
                }
                position += bytes.count
                progress(bytes.count)
                return true
            },
            isAlive: { !cancellation.isCancelled })
        // The next attempt counts these bytes again when it finds them in the partial file.
        func fail(_ error: DownloadError) -> DownloadError {
            progress(-position)
            return error
        }
        if let failure {
            if case .tooLong = failure { try? FileIO.remove(partial) }
            throw fail(failure)
        }
        if cancellation.isCancelled { throw fail(.cancelled) }
        if outcome.status == 416, start > 0 {
            // The local file is longer than the file on the server.
            try sink.clear()
            throw fail(
                .cut(url: url, received: 0, expected: expected.bytes, reason: "the local part does not match the file on the server"))
        }
        if let error = Self.error(outcome, url: url, received: position, expected: expected.bytes) { throw fail(error) }
        if let bytes = expected.bytes, position < bytes {
            throw fail(.cut(url: url, received: position, expected: bytes, reason: "the server ended the transfer"))
        }
        try sink.synchronise()
    }

    private static func error(_ outcome: TransferOutcome, url: String, received: Int, expected: Int?) -> DownloadError? {
        switch outcome.kind {
        case VLSEG_CURL_OK: break
        case VLSEG_CURL_HOST_UNKNOWN: return .hostUnknown(url: url)
        case VLSEG_CURL_CERTIFICATE: return .certificate(url: url, reason: outcome.message)
        case VLSEG_CURL_CUT, VLSEG_CURL_TIMEOUT:
            if outcome.status == 0 { return .noConnection(url: url, reason: outcome.message) }
            return .cut(url: url, received: received, expected: expected, reason: outcome.message)
        case VLSEG_CURL_URL: return .badAddress(url: url, reason: outcome.message)
        default: return .noConnection(url: url, reason: outcome.message)
        }
        switch outcome.status {
        case 200..<300: return nil
        case 404, 410: return .notFound(url: url, status: outcome.status)
        case 401, 403: return .forbidden(url: url, status: outcome.status)
        default: return .refused(url: url, status: outcome.status)
        }
    }

    /// Checks the partial file and gives it its name.
    private func publish(_ progress: (Int) -> Void) throws(DownloadError) {
        do throws(DownloadError) {
            try Self.check(partial, against: expected, url: url)
        } catch {
            progress(-((try? FileIO.size(partial)) ?? 0))
            try? FileIO.remove(partial)
            throw error
        }
        guard rename(partial, path) == 0 else { throw .file(.unwritable(path: path, reason: String(cString: strerror(errno)))) }
    }

    /// Throws if a file does not match the expectation.
    static func check(_ path: String, against expected: Expectation, url: String) throws(DownloadError) {
        let file = try DownloadError.wrapping { () throws(FileError) in try MappedFile(path) }
        if let bytes = expected.bytes, file.bytes.count != bytes { throw .wrongSize(url: url, found: file.bytes.count, expected: bytes) }
        for (algorithm, digest) in expected.hashes.sorted(by: { $0.key < $1.key }) {
            guard let found = Digest.digest(named: algorithm, of: file.bytes) else { continue }
            if found != digest { throw .wrongHash(url: url, algorithm: algorithm, found: found, expected: digest) }
        }
    }

    /// Whether the file exists, is whole and matches the expectation.
    public var isDone: Bool {
        FileIO.isFile(path) && (try? Self.check(path, against: expected, url: url)) != nil
    }
}

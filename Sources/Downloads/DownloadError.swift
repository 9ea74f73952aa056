// What can go wrong between here and a server, with what to do about it. The programs turn kinds into exit codes.
import Files

public enum DownloadError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable { case data, usage, environment, cancelled }

    case badAddress(url: String, reason: String)
    case notFound(url: String, status: Int)
    /// 401, 403.
    case forbidden(url: String, status: Int)
    case refused(url: String, status: Int)
    case hostUnknown(url: String)
    case noConnection(url: String, reason: String)
    case certificate(url: String, reason: String)
    /// The connection ended early, after all attempts; `received` of `expected` bytes are kept.
    case cut(url: String, received: Int, expected: Int?, reason: String)
    case tooLong(url: String, expected: Int)
    case wrongSize(url: String, found: Int, expected: Int)
    case wrongHash(url: String, algorithm: String, found: String, expected: String)
    /// Another process fills the same cache folder.
    case inUse(path: String)
    case noCacheFolder
    case file(FileError)
    case cancelled

    public var kind: Kind {
        switch self {
        case .badAddress, .notFound, .forbidden: .usage
        case .wrongHash, .wrongSize, .tooLong: .data
        case .cancelled: .cancelled
        default: .environment
        }
    }

    /// The server was reached, and does not have this file as it is expected: nothing that another attempt would mend.
    package var isOfTheFile: Bool {
        switch self {
        case .wrongHash, .wrongSize, .tooLong, .notFound, .forbidden: true
        default: false
        }
    }

    public var description: String {
        switch self {
        case .badAddress(let url, let reason): "\(url): not an address that can be fetched (\(reason)); expected http:// or https://, a host and a path"
        case .notFound(let url, let status): "\(url): not there (HTTP \(status)); check the address: expected a folder as `prep shard` writes it"
        case .forbidden(let url, let status): "\(url): the server does not let this client read it (HTTP \(status)); ask its owner, or download the folder by other means"
        case .refused(let url, let status): "\(url): the server answered HTTP \(status); try again later"
        case .hostUnknown(let url): "\(url): no such host; check the address and this machine's name service"
        case .noConnection(let url, let reason): "\(url): no connection (\(reason)); check that the server runs and no firewall or proxy is in the way"
        case .certificate(let url, let reason):
            "\(url): the server's certificate is not trusted (\(reason)); check the host's name and this machine's clock and certificates (package ca-certificates)"
        case .cut(let url, let received, let expected, let reason):
            "\(url): the connection was cut (\(reason)) after \(received)\(expected.map { " of \($0)" } ?? "") bytes; what came is kept: run the same command again to go on"
        case .tooLong(let url, let expected): "\(url): the server sends more than the \(expected) bytes expected; the file there is another one than its index says"
        case .wrongSize(let url, let found, let expected): "\(url): \(found) bytes, expected \(expected); the file there is another one than its index says"
        case .wrongHash(let url, let algorithm, let found, let expected):
            "\(url): its \(algorithm) is \(found), the index says \(expected); the file there is damaged or changed, nothing of it was kept"
        case .inUse(let path): "\(path): another process is filling this cache; wait for it, or name another folder with --cache"
        case .noCacheFolder: "no place for downloaded shards: neither XDG_CACHE_HOME nor HOME is set; name one with --cache DIR"
        case .file(let error): error.description
        case .cancelled: "stopped; what was downloaded is kept, run the same command again to go on"
        }
    }

    package static func wrapping<Value>(_ body: () throws(FileError) -> Value) throws(DownloadError) -> Value {
        do throws(FileError) { return try body() } catch { throw .file(error) }
    }
}

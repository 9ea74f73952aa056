// The texts of DownloadError: what was found, what was expected, what to do.

extension DownloadError {
    public var description: String {
        switch self {
        case .badAddress(let url, let reason):
            "\(url): not an address that can be fetched (\(reason)); expected http:// or https://, a host and a path"
        case .notFound(let url, let status):
            "\(url): does not exist (HTTP \(status)); check the address: expected a folder as `prep shard` writes it"
        case .forbidden(let url, let status):
            "\(url): the server does not let this client read it (HTTP \(status)); ask its owner, or download the folder by other means"
        case .refused(let url, let status): "\(url): the server answered HTTP \(status); try again later"
        case .hostUnknown(let url): "\(url): no such host; check the address and this machine's name service"
        case .noConnection(let url, let reason):
            "\(url): no connection (\(reason)); check that the server runs and that no firewall or proxy blocks it"
        case .certificate(let url, let reason):
            "\(url): the server's certificate is not trusted (\(reason)); check the host's name and this machine's clock and certificates "
                + "(package ca-certificates)"
        case .cut(let url, let received, let expected, let reason):
            "\(url): the connection was cut (\(reason)) after \(received)\(expected.map { " of \($0)" } ?? "") bytes; the received part is "
                + "kept; run the same command again to continue"
        case .tooLong(let url, let expected):
            "\(url): the server sends more than the \(expected) bytes expected; the file on the server does not match the index"
        case .wrongSize(let url, let found, let expected):
            "\(url): \(found) bytes, expected \(expected); the file on the server does not match the index"
        case .wrongHash(let url, let algorithm, let found, let expected):
            "\(url): its \(algorithm) is \(found), the index says \(expected); the file on the server is damaged or changed, and nothing "
                + "of it was kept"
        case .inUse(let path): "\(path): another process is filling this cache; wait for it, or name another folder with --cache"
        case .noCacheFolder: "no place for downloaded shards: neither XDG_CACHE_HOME nor HOME is set; name one with --cache DIR"
        case .file(let error): error.description
        case .cancelled: "stopped; what was downloaded is kept; run the same command again to continue"
        }
    }
}

// The texts of FileError: what was found, what was expected, what to do.

extension FileError {
    public var description: String {
        switch self {
        case .notFound(let path):
            "\(path): no such file or folder; check the path"
        case .notAFile(let path, let found):
            "\(path): found \(found) where a file was expected; check the path"
        case .unreadable(let path, let reason):
            "\(path): cannot be read (\(reason)); check its permissions"
        case .unwritable(let path, let reason):
            "\(path): cannot be written (\(reason)); choose another place or change its permissions"
        case .noFolder(let path, let folder):
            "\(path): there is no folder \(folder); make it first: mkdir -p \(ShellWord.quoted(folder))"
        case .noSpace(let path):
            "\(path): no space left on the device; free some space or choose another place, then run the command again"
        case .tooLarge(let path, let bytes, let limit):
            "\(path): has \(bytes) bytes, more than the limit of \(limit); check that it is the right file"
        case .changedWhileReading(let path):
            "\(path): became shorter while it was being read; wait until no program writes to it, then run the command again"
        }
    }
}

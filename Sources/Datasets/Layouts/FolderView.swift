// A folder's names, looked up the way people write them: "Ground-truths", "ground_truths" and "GroundTruths" are one.
// Not for reading images. Invariant: never descends by itself, so a loop of links cannot catch it.
import Files

struct FolderView {
    let path: String
    let folders: [String]
    let files: [String]

    init(_ path: String) throws(FileError) {
        self.path = path
        let names = try FileIO.list(path).filter { !$0.hasPrefix(".") && $0 != "__MACOSX" }
        folders = names.filter { FileIO.isFolder(path + "/" + $0) }
        files = names.filter { !FileIO.isFolder(path + "/" + $0) }
    }

    /// The subfolder that has one of the names, the first name winning; nil if there is none.
    func folder(named names: [String]) -> String? {
        for name in names {
            if let exact = folders.first(where: { $0 == name }) { return exact }
            if let alike = folders.first(where: { Self.key($0) == Self.key(name) }) { return alike }
        }
        return nil
    }

    func subfolder(_ name: String) throws(FileError) -> FolderView { try FolderView(path + "/" + name) }

    /// Lower case, letters and digits only.
    static func key(_ name: String) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }
}

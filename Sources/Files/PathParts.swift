// The folder and the name in a path's text. Does not look at the disk and does not follow links.
// Foundation's functions stop the program on paths of one character ("m", "."), which users do type.

extension FileIO {
    /// The path without its last part: "a/b" gives "a", "/a" gives "/", "a" gives "". Slashes at the end do not count.
    public static func parent(of path: String) -> String {
        let whole = withoutEndSlashes(path)
        if whole == "/" { return whole }
        guard let slash = whole.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return slash == whole.startIndex ? "/" : withoutEndSlashes(String(whole[..<slash]))
    }

    /// The path's last part: "a/b" gives "b". Slashes at the end do not count.
    public static func lastPart(of path: String) -> String {
        let whole = withoutEndSlashes(path)
        guard whole != "/", let slash = whole.utf8.lastIndex(of: UInt8(ascii: "/")) else { return whole }
        return String(whole[whole.utf8.index(after: slash)...])
    }

    /// A path in the same folder: "a/b" and "c" give "a/c", "b" gives "c".
    public static func sibling(of path: String, named name: String) -> String {
        let folder = parent(of: path)
        return folder.isEmpty ? name : folder == "/" ? "/" + name : folder + "/" + name
    }

    private static func withoutEndSlashes(_ path: String) -> String {
        var bytes = path.utf8[...]
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        return String(path[path.startIndex..<bytes.endIndex])
    }
}

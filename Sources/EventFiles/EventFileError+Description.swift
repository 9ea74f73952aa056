// The texts of EventFileError: what was found, what was expected, what to do.

extension EventFileError {
    public var description: String {
        switch self {
        case .file(let error): "\(error)"
        case .foreign(let path, let found):
            "\(path): \(found); TensorBoard would show it as part of this run; move it to another folder"
        case .several(let folder, let names):
            "\(folder): holds \(names.count) event files (\(names.joined(separator: ", "))), expected one; TensorBoard would show their points "
                + "twice; keep the one of this run and move the others to another folder"
        case .notPNG(let tag):
            "\(tag): the picture for TensorBoard is no PNG; expected the bytes of a whole PNG file"
        }
    }
}

import Files
enum PyTorchReader { static func open(_ file: MappedFile, path: String) throws(WeightFileError) -> WeightFile { throw .unrecognised(path: path, found: "") } }

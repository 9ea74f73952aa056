// The text of every WeightFileError: the file, the place, what was found, what was expected, what to do.
import Files

extension WeightFileError {
    public var description: String {
        switch self {
        case .file(let error):
            return error.description
        case .unrecognised(let path, let found):
            return "\(path): not a weight file: \(found). Expected a .safetensors file or a PyTorch zip file (.bin, .pt, .pth, .ckpt)."
        case .legacyPyTorch(let path, let layout):
            return "\(path): a PyTorch file in the old layout (\(layout)), from before PyTorch 1.6; only the zip layout is read. "
                + "Convert it once with PyTorch: python3 -c \"import torch; torch.save(torch.load('in.pt', map_location='cpu'), "
                + "'out.pt')\" "
                + "(only for a file from a source you trust: the old layout runs code when PyTorch opens it)."
        case .damaged(let path, let place, let found, let expected):
            return "\(path): damaged at \(place): found \(found), expected \(expected). Copy or download the file again."
        case .limit(let path, let what, let found, let limit):
            return "\(path): \(what) is \(found), more than the limit of \(limit). The file is damaged or not a weight file."
        case .unsupported(let path, let place, let found, let advice):
            return "\(path): \(place): \(found) is not supported. \(advice)"
        case .notAStateDictionary(let path, let found):
            return "\(path): no state dictionary: \(found). Expected a dictionary of tensors, or a checkpoint with one under "
                + "`state_dict`, `model`, `model_state_dict` or another usual name. Save one with torch.save(model.state_dict(), 'out.pt')."
        case .foreignObject(let path, let name, let className):
            return "\(path): entry `\(name)` of the state dictionary is an object of class \(className), not a tensor; "
                + "objects are never built from a file. Save plain tensors with torch.save(model.state_dict(), 'out.pt')."
        case .unknownTensor(let path, let name, let similar):
            let hint = similar.isEmpty ? "" : " Similar names: \(similar.joined(separator: ", "))."
            return "\(path): no tensor `\(name)`.\(hint)"
        case .noWeights(let folder, let others):
            let cure =
                others.isEmpty
                ? "give a folder with one of them, or the weight file itself"
                : "give one of its files: \(others.prefix(6).joined(separator: ", "))"
            return
                "\(folder): found no weights in this folder, expected model.safetensors or pytorch_model.bin, whole or with their "
                + "index.json; \(cure)."
        case .partsMissing(let path, let names, let count):
            return
                "\(path): \(names.count) of the \(count) files it names \(names.count == 1 ? "is" : "are") missing: "
                + "\(names.prefix(6).joined(separator: ", "))"
                + "\(names.count > 6 ? ", ..." : ""). Copy or download what is missing into the same folder."
        case .notInPart(let path, let name, let part):
            return
                "\(path): lists tensor `\(name)` in \(part), which does not hold it. The index and its files are not of one model: copy or "
                + "download them again."
        case .conversion(let path, let name, let type, let wanted):
            return "\(path): tensor `\(name)` holds \(type) numbers, which cannot be read as \(wanted)."
        case .bufferSize(let path, let name, let found, let expected):
            return "\(path): tensor `\(name)` has \(expected) elements; the buffer given for it holds \(found)."
        case .unwritable(let path, let name, let problem):
            return "\(path): cannot write tensor `\(name)`: \(problem)."
        }
    }
}

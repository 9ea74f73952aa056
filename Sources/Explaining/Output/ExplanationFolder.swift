// The files of explanations in one folder: ID.png and, with text, ID.attention.png for each sample, arrays on request, index.html and
// explanations.json. Invariants: a folder that holds other files under these names, and no explanations.json of this program, is refused;
// explanations.json names all files of the folder that explanations wrote, and those of an earlier one are removed by the next.
import Files
import Imaging
import NumPyFiles

public struct ExplanationFolder {
    public let path: String
    /// Whether maps are written as .npy.
    public let writesArrays: Bool
    private var report: ExplanationReport
    private var page: ExplanationPage

    /// - Parameters:
    ///   - ids: of all samples that will be added.
    ///   - overwrites: files of other programs may be replaced.
    /// - Throws: before anything is written if files would be lost.
    public init(
        _ path: String, for ids: [String], explainer: Explainer, subject: String, writesArrays: Bool, overwrites: Bool
    ) throws(ExplainingError) {
        self.path = path
        self.writesArrays = writesArrays
        report = ExplanationReport(explainer)
        page = ExplanationPage(explainer, subject: subject)
        try Self.check(path, ids, writesArrays: writesArrays, overwrites: overwrites)
        try ExplainingError.wrapping { () throws(FileError) in
            try FileIO.createFolder(path)
            for name in ExplanationReport.files(of: path) { try FileIO.remove(path + "/" + name) }
        }
        try write(report.json, "explanations.json")
    }

    /// Throws if two samples have the same file, or if files would be replaced that are not an explanation's.
    public static func check(_ path: String, _ ids: [String], writesArrays: Bool, overwrites: Bool) throws(ExplainingError) {
        var seen: [String: String] = [:]
        for id in ids { if let other = seen.updateValue(id, forKey: base(of: id)) { throw .sameFile(first: other, second: id) } }
        if overwrites || ExplanationReport.isReport(path + "/explanations.json") { return }
        var names = ["explanations.json", "index.html"] + ids.flatMap { [base(of: $0) + ".png", base(of: $0) + ".attention.png"] }
        if writesArrays, FileIO.isFolder(path) {
            // Names of maps depend on the caption and the network; none of another program is near them.
            names += try ExplainingError.wrapping { () throws(FileError) in try FileIO.list(path) }.filter { name in
                name.hasSuffix(".npy") && ids.contains { name.hasPrefix(base(of: $0) + ".") }
            }
        }
        let foreign = names.map { path + "/" + $0 }.filter { FileIO.exists($0) }
        if !foreign.isEmpty { throw .foreignFiles(folder: path, paths: foreign) }
    }

    private static func base(of id: String) -> String { String(id.map { $0 == "/" ? "_" : $0 }) }

    /// Writes the files of one sample.
    public mutating func add(_ explanation: Explanation) throws(ExplainingError) {
        let panel = ExplanationPanel(explanation), base = Self.base(of: explanation.sample.id)
        let picture = try panel.picture(), attention = try panel.attentionPicture()
        var files = [base + ".png"]
        try write(picture, base + ".png")
        if let attention {
            try write(attention, base + ".attention.png")
            files.append(base + ".attention.png")
        }
        if writesArrays { files += try writeArrays(explanation, base) }
        try page.add(explanation, panel: picture, attention: attention)
        report.samples.append(ExplanationReport.Sample(explanation, files: files))
        // The next explanation in this folder finds the files of one that was stopped.
        try write(report.json, "explanations.json")
    }

    /// Writes index.html and explanations.json, with all samples.
    public func finish() throws(ExplainingError) {
        try write(Array(page.html.utf8), "index.html")
        try write(report.json, "explanations.json")
    }

    /// The maps as they are computed: activation maps at the tap's size, changes at the network's, attention as [heads, words, rows,
    /// columns].
    private func writeArrays(_ explanation: Explanation, _ base: String) throws(ExplainingError) -> [String] {
        var files: [String] = []
        func add(_ name: String, _ values: [Float], _ shape: [Int]) throws(ExplainingError) {
            files.append("\(base).\(name).npy")
            try write(NPY.encode(values, shape: shape), "\(base).\(name).npy")
        }
        let map = explanation.probabilities
        try add("probabilities", map.values, [map.height, map.width])
        for activation in explanation.activations {
            let map = activation.map
            try add("\(activation.method.rawValue).\(activation.tap.name)", map.values, [map.height, map.width])
        }
        for (number, effect) in explanation.effects.enumerated() where effect.unchanged == nil {
            let name: String
            switch effect.change {
            case .without(let word): name = "without.\(number + 1).\(String(word.text.map { $0 == "/" ? "_" : $0 }))"
            case .variant(let variant): name = variant.name
            }
            try add(name, effect.difference.values, [effect.difference.height, effect.difference.width])
        }
        let words = explanation.words.filter { !$0.tokens.isEmpty }
        for stage in explanation.attention where !words.isEmpty {
            let values = stage.heads.indices.flatMap { head in words.flatMap { stage.map(of: $0.tokens, head: head).values } }
            try add("attention.\(stage.stage)", values, [stage.heads.count, words.count, stage.height, stage.width])
        }
        return files
    }

    private func write(_ raster: Raster, _ name: String) throws(ExplainingError) {
        let bytes = try ExplainingError.drawing { () throws(ImagingError) in try PNGEncoder.encode(raster) }
        try write(PictureMark.marked(bytes), name)
    }

    private func write(_ bytes: [UInt8], _ name: String) throws(ExplainingError) {
        try ExplainingError.wrapping { () throws(FileError) in try FileIO.writeAtomically(bytes, to: path + "/" + name) }
    }
}

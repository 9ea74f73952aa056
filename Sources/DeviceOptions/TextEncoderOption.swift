// What `--text-encoder` names must be there, as a model's folder, before anything slow begins.
import CommandLineTool
import Files

/// - Parameter orElse: what else the user can do, for the end of the sentence.
public func checkTextEncoder(_ folder: String, orElse: String = "") throws(CommandError) {
    do throws(ModelFolder.Failure) { _ = try ModelFolder.resolve(folder) } catch { throw CommandError(.usage, "--text-encoder \(error)") }
    if FileIO.isFolder(folder) { return }
    if FileIO.exists(folder) { throw CommandError(.usage, "--text-encoder \(folder): a file; give its folder, \(FileIO.parent(of: FileIO.absolute(folder)))") }
    throw CommandError(.usage, "--text-encoder \(folder): no such folder; give a Hugging Face BERT folder\(orElse)\(FileIO.neighboursHint(of: folder))")
}

// Paths of models that a user gives. If nothing exists at a path that looks like a name on the Hugging Face hub, the error tells the user
// how to download the model. Not for opening models: the libraries do that. Invariant: only reads the disk.
import Files

extension CommandInput {
    /// - Throws: the command that downloads the model, if the option's path does not exist and looks like a name on the hub.
    public func refuseHubName(_ option: String) throws(CommandError) {
        guard let path = optionalString(option) else { return }
        do throws(ModelFolder.Failure) {
            _ = try ModelFolder.resolve(path)
        } catch {
            if case .hubName = error { throw CommandError(.usage, "--\(option) \(error)") }
        }
    }

    /// - Parameter orElse: what else the user can do, for the end of the sentence.
    /// - Throws: if `--text-encoder` is given and is not a model's folder.
    public func checkTextEncoder(orElse: String = "") throws(CommandError) {
        guard let path = optionalString("text-encoder") else { return }
        do throws(ModelFolder.Failure) { _ = try ModelFolder.resolve(path) } catch { throw CommandError(.usage, "--text-encoder \(error)") }
        if FileIO.isFolder(path) { return }
        if FileIO.exists(path) {
            throw CommandError(.usage, "--text-encoder \(path): a file; give its folder, \(FileIO.parent(of: FileIO.absolute(path)))")
        }
        throw CommandError(
            .usage,
            "--text-encoder \(path): no such folder; give a Hugging Face BERT folder (README has the download under Pretrained "
                + "weights)\(orElse)\(FileIO.neighboursHint(of: path))"
        )
    }
}

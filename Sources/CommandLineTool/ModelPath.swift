// Paths of models that a user gives. Where nothing is at a path that looks like a name of the Hugging Face hub, the user is told how to
// download it. Not for opening models: the libraries do that. Invariant: only looks at the disk.
import Files

extension CommandInput {
    /// - Throws: the command that downloads the model, where nothing is at the option's path and it looks like a name of the hub.
    public func refuseHubName(_ option: String) throws(CommandError) {
        guard let path = optionalString(option) else { return }
        do throws(ModelFolder.Failure) {
            _ = try ModelFolder.resolve(path)
        } catch {
            if case .hubName = error { throw CommandError(.usage, "--\(option) \(error)") }
        }
    }

    /// - Parameter orElse: what else the user can do, for the end of the sentence.
    /// - Throws: where `--text-encoder` is given and is no model's folder.
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

// Paths of models that a user gives. Where nothing is at a path that looks like a name of the Hugging Face hub, the user is told how to download it.
// Not for opening models: the libraries do that. Invariant: only looks at the disk.
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
}

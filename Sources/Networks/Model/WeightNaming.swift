// A kind of weight file that a network takes values from: how it is told by its tensors' names, and what these are called in the network.

public struct WeightNaming: Sendable {
    /// For `train models`: "checkpoints of UA-VLS, published or of this program".
    public let title: String
    let recognises: @Sendable (_ names: Set<String>) -> Bool
    /// The network's name for a tensor of the file; nil for one to pass over, such as a counter or a table that follows from the sizes.
    let rename: @Sendable (String) -> String?

    /// - Parameters:
    ///   - recognises: whether a file with these names is of this kind.
    ///   - rename: see above; by default names are the network's own.
    public init(
        _ title: String, recognises: @escaping @Sendable (_ names: Set<String>) -> Bool = { _ in true },
        rename: @escaping @Sendable (String) -> String? = { $0 }
    ) {
        self.title = title
        self.recognises = recognises
        self.rename = rename
    }
}

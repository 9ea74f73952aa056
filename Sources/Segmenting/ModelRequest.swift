// What a user says of a checkpoint that does not say it itself: its network, and where text comes from.
import Networks

/// What a user says of a checkpoint's network; it must be so, or the checkpoint must say nothing.
public struct ModelRequest: Sendable {
    public var name: String?
    public var options: [(key: String, value: String)]

    public init(name: String? = nil, options: [(key: String, value: String)] = []) {
        self.name = name
        self.options = options
    }
}

/// Where a prediction's text comes from: it decides which parts of the text path are needed.
public enum TextSource: Sendable {
    /// The text encoder and its vocabulary.
    case captions
    /// The text encoder alone.
    case tokens
    /// Neither: features of this shape, from a file.
    case features(TextShape, path: String)
}

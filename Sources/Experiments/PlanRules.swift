// What a plan may say of `train`: the options that it may give, and whether train accepts their values. The program passes this in, so
// that plans are read and tested without networks.

public struct PlanRules: Sendable {
    public enum Kind: Sendable {
        case flag, value
        /// KEY=VALUE, which a plan gives as an object.
        case pairs
    }

    /// The options that a plan may give, by name without dashes.
    public let options: [String: Kind]
    /// Why train refuses these words; nil if it accepts them.
    public let refusal: @Sendable (_ words: [String]) -> String?

    public init(options: [String: Kind], refusal: @escaping @Sendable (_ words: [String]) -> String?) {
        self.options = options
        self.refusal = refusal
    }
}

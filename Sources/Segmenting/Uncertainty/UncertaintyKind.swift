// The ways to get several predictions of one image, listed once: an option's values, their explanations, and the passes of each.

public enum UncertaintyKind: Sendable, Equatable {
    /// The entropy of the one prediction.
    case entropy
    /// Passes with dropout (Gal and Ghahramani, ICML 2016).
    case dropout(passes: Int)
    /// The image and its flips; the caption's sides are exchanged with the image's, and the predictions turned back.
    case augment
    /// The caption and other captions of the same image.
    case captions
    /// Several networks (Lakshminarayanan et al., NeurIPS 2017).
    case ensemble

    /// The most passes with dropout.
    public static let passes = 2...1000

    /// The values of an option, for help and messages.
    public static let values = "entropy|mc-dropout:T|augment|captions|ensemble"

    /// Nil for a text that is no value of the option; `mc-dropout` needs its number of passes.
    public init?(_ text: String) {
        switch text {
        case "entropy": self = .entropy
        case "augment": self = .augment
        case "captions": self = .captions
        case "ensemble": self = .ensemble
        default:
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == "mc-dropout", let passes = Int(parts[1]), Self.passes.contains(passes) else { return nil }
            self = .dropout(passes: passes)
        }
    }

    /// As in an option and in reports.
    public var name: String {
        switch self {
        case .entropy: "entropy"
        case .dropout(let passes): "mc-dropout:\(passes)"
        case .augment: "augment"
        case .captions: "captions"
        case .ensemble: "ensemble"
        }
    }

    /// The passes of an image with this caption through one network.
    /// - Parameters:
    ///   - caption: nil for a network that reads none.
    ///   - others: the image's other captions that the shards hold.
    package func passes(caption: String?, others: [String] = []) -> [Pass] {
        switch self {
        case .entropy, .ensemble: [Pass(caption: caption)]
        case .dropout(let passes): Array(repeating: Pass(caption: caption, dropout: true), count: passes)
        case .augment: Pass.mirrored(caption: caption)
        case .captions: CaptionPhrasings.of(caption ?? "", others: others).map { Pass(caption: $0) }
        }
    }
}

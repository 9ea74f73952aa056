// Rewrites a caption for the mirrored picture. A horizontal flip exchanges left and right; a vertical flip exchanges top and bottom, upper
// and lower, above and below. Everything else stays as written, including capitals and punctuation.
// Not for pictures or tokens: the tokens of a mirrored caption are computed from its words.
// Invariant: a caption is either rewritten completely or refused. A word that names a side in a way that this file does not know is
// refused, never kept.

/// How a picture is mirrored.
public struct Mirroring: Sendable, Hashable {
    /// Exchanges columns: left becomes right.
    public var horizontal: Bool
    /// Exchanges rows: top becomes bottom.
    public var vertical: Bool

    public init(horizontal: Bool, vertical: Bool) {
        self.horizontal = horizontal
        self.vertical = vertical
    }
}

public enum MirroredCaption {
    /// A caption for the mirrored picture, or the first word that prevents it.
    public enum Outcome: Sendable, Equatable {
        case caption(String)
        case refused(word: String)
    }

    public static func rewrite(_ caption: String, _ mirroring: Mirroring) -> Outcome {
        var result = String.UnicodeScalarView()
        var word = String.UnicodeScalarView()
        var refused: String?
        func endWord() {
            guard !word.isEmpty else { return }
            let text = String(word)
            word = String.UnicodeScalarView()
            if let swapped = rewritten(text, mirroring) {
                result.append(contentsOf: swapped.unicodeScalars)
            } else {
                refused = refused ?? text
            }
        }
        for scalar in caption.unicodeScalars {
            if scalar.properties.isAlphabetic {
                word.append(scalar)
            } else {
                endWord()
                result.append(scalar)
            }
        }
        endWord()
        if let refused { return .refused(word: refused) }
        return .caption(String(result))
    }

    /// One word after the mirroring; nil if its meaning is uncertain.
    private static func rewritten(_ word: String, _ mirroring: Mirroring) -> String? {
        let lower = word.lowercased()
        var text = lower
        if mirroring.horizontal {
            guard let swapped = SideWords.horizontal.swapped(text) else { return nil }
            text = swapped
        }
        if mirroring.vertical {
            guard let swapped = SideWords.vertical.swapped(text) else { return nil }
            text = swapped
        }
        return text == lower ? word : capitals(of: word, on: text)
    }

    /// Left becomes Right, LEFT becomes RIGHT, anything else becomes lower case.
    private static func capitals(of model: String, on word: String) -> String {
        if model.count > 1 && model == model.uppercased() { return word.uppercased() }
        guard let first = model.first, first.isUppercase else { return word }
        return word.prefix(1).uppercased() + word.dropFirst()
    }
}

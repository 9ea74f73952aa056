// Chooses which of a MedVLSM object's prompts is the image's caption.
// The rule: p6. If p6 names no location ("located in"): the first p9 entry that does, else the longest of p6 to p1.

/// A prompt's value in a MedVLSM file: one string or a list of them.
public enum PromptValue: Sendable, Equatable {
    case text(String)
    case list([String])

    var texts: [String] {
        switch self {
        case .text(let text): return [text]
        case .list(let texts): return texts
        }
    }
}

public enum CaptionRule {
    /// The phrase of a prompt that names a location.
    static let locationPhrase = "located in"

    /// Chooses the caption.
    /// - Parameter preferred: the name of a prompt that overrides the rule, such as "p3" or "p9[2]"; a list's name alone means its first
    ///   entry.
    /// - Returns: the text as written, and the prompt that it is from ("p6", "p9[0]").
    public static func choose(
        prompts: [String: PromptValue], preferred: String? = nil
    ) throws(TextError) -> (caption: String, source: String) {
        let available = prompts.keys.sorted()
        if let preferred {
            let (name, index) = try parse(preferred)
            guard let value = prompts[name] else { throw .promptMissing(asked: preferred, available: available) }
            switch value {
            case .text(let text):
                guard index == nil || index == 0 else { throw .promptMissing(asked: preferred, available: available) }
                return (text, name)
            case .list(let texts):
                let place = index ?? 0
                guard texts.indices.contains(place) else { throw .promptMissing(asked: preferred, available: available) }
                return (texts[place], "\(name)[\(place)]")
            }
        }
        if let p6 = prompts["p6"]?.texts.first, p6.contains(locationPhrase) { return (p6, "p6") }
        let located = (prompts["p9"]?.texts ?? []).enumerated().first { $0.element.contains(locationPhrase) }
        if let located { return (located.element, "p9[\(located.offset)]") }
        var best: (caption: String, source: String)?
        for name in ["p6", "p5", "p4", "p3", "p2", "p1"] {
            guard let text = prompts[name]?.texts.first, !CaptionText.normalised(text).isEmpty else { continue }
            if best.map({ text.unicodeScalars.count > $0.caption.unicodeScalars.count }) ?? true { best = (text, name) }
        }
        guard let best else { throw .promptsEmpty(available: available) }
        return best
    }

    /// All prompts other than the chosen one, by their numbers and then by their places in a list: without empty texts, and each text once.
    /// Texts that differ only in white space are one.
    /// - Parameter caption: the chosen caption.
    public static func others(prompts: [String: PromptValue], than caption: String) -> [String] {
        func number(_ name: String) -> Int { Int(name.dropFirst()) ?? .max }
        let names = prompts.keys.sorted { (number($0), $0) < (number($1), $1) }
        var seen: Set = ["", CaptionText.normalised(caption)]
        return names.flatMap { prompts[$0]?.texts ?? [] }.filter { seen.insert(CaptionText.normalised($0)).inserted }
    }

    /// Throws `TextError.promptNameMalformed` if `name` does not have the form "p6" or "p9[2]".
    public static func checkName(_ name: String) throws(TextError) { _ = try parse(name) }

    /// "p9[2]" -> ("p9", 2); "p6" -> ("p6", nil).
    private static func parse(_ name: String) throws(TextError) -> (name: String, index: Int?) {
        let parts = name.split(separator: "[", omittingEmptySubsequences: false)
        guard let head = parts.first, head.hasPrefix("p"), head.dropFirst().utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), head.count >= 2
        else {
            throw .promptNameMalformed(name)
        }
        if parts.count == 1 { return (String(head), nil) }
        guard parts.count == 2, parts[1].hasSuffix("]"), let index = Int(parts[1].dropLast()), index >= 0 else {
            throw .promptNameMalformed(name)
        }
        return (String(head), index)
    }
}

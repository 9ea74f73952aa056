// How a file's name is made from a sample's id: "{id}_mask.png", "IMG_{id}". Not for folders.

/// The parts of a stem before and after the id.
struct Affixes: Hashable, Sendable {
    let prefix: String
    let suffix: String

    static let none = Affixes(prefix: "", suffix: "")

    /// The id within a stem, ignoring capitals of the affixes; nil if the stem does not have this form.
    func id(of stem: String) -> String? {
        let lower = stem.lowercased()
        guard stem.count > prefix.count + suffix.count, lower.hasPrefix(prefix.lowercased()), lower.hasSuffix(suffix.lowercased()) else {
            return nil
        }
        return String(stem.dropFirst(prefix.count).dropLast(suffix.count))
    }

    func stem(of id: String) -> String { prefix + id + suffix }

    var lowercased: Affixes { Affixes(prefix: prefix.lowercased(), suffix: suffix.lowercased()) }
    var text: String { prefix + "{id}" + suffix }
}

/// A pattern as a user writes it.
struct NamePattern: Sendable {
    let affixes: Affixes
    /// In small letters, without the dot; nil if the pattern has no extension.
    let fileExtension: String?

    /// - Parameter option: the option that holds it, for the message.
    init(_ text: String, option: String) throws(DatasetError) {
        let parts = text.split(separator: "{id}", omittingEmptySubsequences: false)
        guard parts.count == 2, !text.contains("/") else { throw .badPattern(option: option, text: text) }
        let name = "x" + parts[1]
        let stem = FileName.stem(name)
        affixes = Affixes(prefix: String(parts[0]), suffix: String(stem.dropFirst()))
        fileExtension = stem == name ? nil : FileName.suffix(name)
    }
}

// What a load of weights did with each tensor of a file and each entry of a network, and its words.

/// What became of the tensors of a file and of the entries of a network.
public struct LoadReport: Sendable, Equatable, CustomStringConvertible {
    public struct Misshaped: Sendable, Equatable {
        public let name: String
        public let found: [Int], expected: [Int]
    }
    /// Entries that took their value from the file.
    public internal(set) var loaded: [String] = []
    /// Entries the file has no value for; they keep what they had.
    public internal(set) var missing: [String] = []
    /// Tensors of the file that the network has no place for.
    public internal(set) var extra: [String] = []
    public internal(set) var misshaped: [Misshaped] = []
    /// How the file's names were read, for a person to know: a prefix taken off, names of another scheme.
    public internal(set) var notes: [String] = []

    public var isComplete: Bool { missing.isEmpty && misshaped.isEmpty }

    public var description: String {
        func list(_ names: [String]) -> String {
            names.prefix(6).joined(separator: ", ") + (names.count > 6 ? ", and \(names.count - 6) more" : "")
        }
        var parts = notes + ["\(loaded.count) tensors loaded"]
        if !missing.isEmpty { parts.append("\(missing.count) missing (\(list(missing)))") }
        if !misshaped.isEmpty {
            parts.append(
                "\(misshaped.count) of another shape (\(list(misshaped.map { "\($0.name) \($0.found), expected \($0.expected)" })))")
        }
        if !extra.isEmpty { parts.append("\(extra.count) not used (\(list(extra)))") }
        return parts.joined(separator: "; ")
    }
}

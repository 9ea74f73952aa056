// The result of loading weights, for each tensor of a file and each entry of a network, and its text.

/// The result for the tensors of a file and the entries of a network.
public struct LoadReport: Sendable, Equatable, CustomStringConvertible {
    public struct Misshaped: Sendable, Equatable {
        public let name: String
        public let found: [Int], expected: [Int]
    }
    /// Entries that took their value from the file.
    public internal(set) var loaded: [String] = []
    /// Entries without a value in the file; they keep the value that they had.
    public internal(set) var missing: [String] = []
    /// Tensors of the file that have no entry in the network.
    public internal(set) var extra: [String] = []
    /// Those of them that lie in the network's own modules: the file is of a larger network, or of a variant.
    public internal(set) var beyond: [String] = []
    public internal(set) var misshaped: [Misshaped] = []
    /// Notes for the user about the file's names: a removed prefix, names of another scheme.
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

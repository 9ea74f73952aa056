// Finds the prefix before the names that a network knows: `module.` (DataParallel), `_orig_mod.` (torch.compile), `model.` (Lightning),
// `bert.` and so on. There is no list of prefixes: the prefix is the one under which the network knows most of the file's names.
// Not for names of another scheme (the networks translate those).

public enum NamePrefix {
    public struct Candidate: Sendable, Equatable {
        public let prefix: String
        /// Number of the file's names that the network knows without the prefix.
        public let matches: Int
    }

    /// Words that wrap a whole network. If two prefixes fit equally well, a prefix of only these words belongs to the network itself, not
    /// to a copy (`ema_model.`).
    private static let wrappers: Set<Substring> = [
        "module", "_orig_mod", "model", "auto_model", "bert", "distilbert", "net", "network", "backbone", "encoder", "state_dict",
        "convnext",
    ]

    /// Every prefix that fits some name, best first.
    /// - Parameter isKnown: whether the network knows the rest of the name.
    public static func candidates(in names: [String], isKnown: (String) -> Bool) -> [Candidate] {
        var counts: [Substring: Int] = [:]
        for name in names {
            if isKnown(name) { counts["", default: 0] += 1 }
            for dot in name.indices where name[dot] == "." && isKnown(String(name[name.index(after: dot)...])) {
                counts[name[...dot], default: 0] += 1
            }
        }
        return counts.map { Candidate(prefix: String($0.key), matches: $0.value) }.sorted { left, right in
            if left.matches != right.matches { return left.matches > right.matches }
            let (leftWraps, rightWraps) = (isWrapper(left.prefix), isWrapper(right.prefix))
            if leftWraps != rightWraps { return leftWraps }
            return (left.prefix.utf8.count, left.prefix) < (right.prefix.utf8.count, right.prefix)
        }
    }

    /// Prefixes that fit as well as the best one, so that the right one cannot be determined.
    public static func rivals(_ candidates: [Candidate]) -> [String] {
        guard let best = candidates.first else { return [] }
        let wraps = isWrapper(best.prefix)
        let equal = candidates.filter { $0.matches == best.matches && isWrapper($0.prefix) == wraps }
        return equal.count > 1 ? equal.map(\.prefix) : []
    }

    private static func isWrapper(_ prefix: String) -> Bool { prefix.split(separator: ".").allSatisfy(wrappers.contains) }
}

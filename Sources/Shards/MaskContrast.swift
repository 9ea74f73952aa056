// Whether the masks of a split contain both foreground and background. Not for single masks, which may be empty.
// Invariant: a normal set is recognised after its first samples; only a set without contrast is read completely.

public enum MaskContrast {
    /// The error text for masks that are all empty or all full; nil for others.
    package static func fault(hasForeground: Bool, hasBackground: Bool, count: Int) -> String? {
        if hasForeground, hasBackground { return nil }
        let masks = count == 1 ? "the mask of its only sample is" : "the masks of all \(count) samples are"
        return masks + (hasForeground ? " foreground throughout" : " empty")
            + ": nothing can be learned from them; run `prep ingest` again, which finds what is foreground"
            + " from the masks' values or takes it from --mask-values, --mask-threshold or --mask-colour, then `prep shard`"
    }

    /// The same for a split's samples.
    public static func fault(of set: ShardSet) throws(ShardError) -> String? {
        var hasForeground = false, hasBackground = false
        for index in 0..<set.count {
            try set.withMask(of: index) { mask in
                hasForeground = hasForeground || mask.contains { $0 != 0 }
                hasBackground = hasBackground || mask.contains(0)
            }
            if hasForeground, hasBackground { return nil }
        }
        return fault(hasForeground: hasForeground, hasBackground: hasBackground, count: set.count)
    }
}

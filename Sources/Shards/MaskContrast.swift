// Whether the masks of a split have foreground and background at all. Not for single masks, which may be empty.
// Invariant: a set in order is known after its first samples; only one without contrast is read whole.

public enum MaskContrast {
    /// What is wrong with masks that are all empty or all full; nil where they are not.
    package static func fault(hasForeground: Bool, hasBackground: Bool, count: Int) -> String? {
        if hasForeground, hasBackground { return nil }
        let masks = count == 1 ? "the mask of its only sample is" : "the masks of all \(count) samples are"
        return masks + (hasForeground ? " foreground throughout" : " empty")
            + ": nothing can be learned from them; run `prep ingest` again, which finds what is foreground"
            + " from the masks' values or takes it from --mask-values, --mask-threshold or --mask-colour, then `prep shard`"
    }

    /// The same of a split's samples.
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

// The three parts of a dataset.

/// The part of a dataset that a sample belongs to; the raw value is its name in manifests and folders.
public enum Split: String, Codable, CaseIterable, Sendable, Comparable {
    case train, val, test

    public static func < (left: Split, right: Split) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
}

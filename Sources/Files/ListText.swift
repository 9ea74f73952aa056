// Lists within sentences. Invariant: an empty list is a word too, so that no message ever says "tried ; name it".

package enum ListText {
    /// The items with a separator between them, or what is said of none.
    package static func joined(_ items: [String], by separator: String = ", ", none: String) -> String {
        items.isEmpty ? none : items.joined(separator: separator)
    }
}

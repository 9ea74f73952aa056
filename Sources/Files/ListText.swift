// Lists within sentences. Invariant: an empty list becomes a word too, so that no message says "tried ; name it".

package enum ListText {
    /// The items with a separator between them, or `none` if there are no items.
    package static func joined(_ items: [String], by separator: String = ", ", none: String) -> String {
        items.isEmpty ? none : items.joined(separator: separator)
    }
}

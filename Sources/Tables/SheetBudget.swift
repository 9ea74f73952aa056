// Limits for the content of a caption sheet. A small file can need much more memory than it has bytes: empty rows, or a long shared string
// that a million cells repeat. So rows, cells and text are counted while they are read.

package struct SheetBudget {
    /// A workbook has at most 1,048,576 rows per sheet; no known sheet has more than two columns of interest.
    package static let rowLimit = 2_000_000
    package static let cellLimit = 16_000_000
    /// Bytes of text in all cells, equal to the size of the largest file that is read.
    package static let textLimit = 512 << 20

    private var rows = 0, cells = 0, text = 0
    /// The first limit that was exceeded, and what it counts.
    package private(set) var excess: (what: String, limit: Int)?

    package init() {}

    package mutating func addRow() {
        rows += 1
        check(rows, Self.rowLimit, "rows")
    }

    package mutating func addCell(bytes: Int) {
        cells += 1
        text += bytes
        check(cells, Self.cellLimit, "cells")
        check(text, Self.textLimit, "bytes of text in its cells")
    }

    private mutating func check(_ count: Int, _ limit: Int, _ what: String) {
        if count > limit, excess == nil { excess = (what, limit) }
    }
}

// A sheet's cells as text: texts as stored, numbers as their format shows them. If the text of a cell is uncertain, the cell gets a flaw
// (SheetRow.flaws).
import Foundation

final class SheetReader: PartReader {
    private(set) var rows: [SheetRow] = []
    /// The first problem found, if any.
    private(set) var problem: String?
    private(set) var budget: SheetBudget

    /// Rows that a filter or the user hides; they are read too.
    private(set) var hiddenRows = 0

    private let strings: [String]
    private let styles: StylesReader
    private let date1904: Bool
    private var row = SheetRow(number: 0, cells: [:])
    private var nextRow = 1
    private var column = -1
    private var type = ""
    private var style = 0
    private var hasFormula = false
    private var rowIsHidden = false
    private var value = ""
    private var inValue = false
    private var inline = RichText()

    /// - Parameter budget: what remains after the workbook's other sheets.
    init(strings: [String], styles: StylesReader, date1904: Bool, budget: SheetBudget) {
        self.strings = strings
        self.styles = styles
        self.date1904 = date1904
        self.budget = budget
    }

    override func began(_ element: Substring, _ attributes: [String: String]) {
        switch element {
        case "row":
            let number = attributes["r"].flatMap { Int($0) } ?? nextRow
            row = SheetRow(number: number, cells: [:])
            nextRow = number &+ 1
            column = -1
            rowIsHidden = ["1", "true"].contains(attributes["hidden"] ?? "")
        case "c":
            column = attributes["r"].flatMap(Self.column) ?? column + 1
            type = attributes["t"] ?? "n"
            style = attributes["s"].flatMap { Int($0) } ?? 0
            value = ""
            hasFormula = false
            inline = RichText()
        case "v": inValue = true
        case "f": hasFormula = true
        default: inline.began(element)
        }
    }

    override func ended(_ element: Substring) {
        switch element {
        case "row":
            if !row.cells.isEmpty || !row.flaws.isEmpty {
                rows.append(row)
                budget.addRow()
                if rowIsHidden { hiddenRows += 1 }
            }
        case "c":
            if let text = cellText(), !text.isEmpty {
                row.cells[column] = text
                budget.addCell(bytes: text.utf8.count)
            } else if row.flaws[column] != nil {
                budget.addCell(bytes: 0)
            }
        case "v": inValue = false
        default: inline.ended(element)
        }
    }

    override var isEnough: Bool { budget.excess != nil }

    override func text(_ text: String) { if inValue { value += text } else { inline.append(text) } }

    private func cellText() -> String? {
        if hasFormula, type != "str", value.allSatisfy(\.isWhitespace) {
            flaw(
                "holds a formula without a stored value; open the workbook in a spreadsheet program and save it, so that values are stored")
            return nil
        }
        switch type {
        case "s":
            let index = value.trimmingCharacters(in: .whitespaces)
            if index.isEmpty { return nil }
            guard let place = Int(index), strings.indices.contains(place) else {
                problem = problem ?? "row \(row.number) asks for shared string \(index) of \(strings.count)"
                return nil
            }
            return strings[place]
        case "inlineStr": return inline.resolved
        case "str": return value
        case "b": return value == "1" ? "TRUE" : "FALSE"
        case "e":
            flaw("holds the error \(value.isEmpty ? "of a formula" : value); fix its formula, or write the value itself")
            return nil
        case "d":
            flaw("holds the date \(value), which each program shows in its own way; format the column as text")
            return value
        default: return number()
        }
    }

    /// A number as its format shows it. If that is not known, the number as stored, with a flaw.
    private func number() -> String {
        guard let number = Double(value.trimmingCharacters(in: .whitespaces)) else { return value }
        let format = styles.format(ofStyle: style)
        if NumberFormat.isGeneral(format) {
            if let text = NumberFormat.general(number) { return text }
            flaw("holds the number \(value), and a number keeps fifteen digits at most; format the column as text and write it again")
        } else if let text = NumberFormat.text(number, format: format, date1904: date1904) {
            return text
        } else if NumberFormat.isDate(format) {
            flaw(
                "holds a date or time (\(value) in the format \"\(format)\"), which each program shows in its own way; format the column "
                    + "as text, or as yyyy-mm-dd"
            )
        } else {
            flaw(
                "holds the number \(value) in the format \"\(format)\", which each program shows in its own way; format the column as text")
        }
        return value
    }

    private func flaw(_ what: String) { row.flaws[column] = "cell \(cellName(column: column, row: row.number)) \(what)" }

    /// "AB12" -> 27; nil if the reference has no letters, or names a column beyond the largest sheet.
    private static func column(_ reference: String) -> Int? {
        var result = 0
        for byte in reference.utf8 {
            guard byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") else { break }
            result = result * 26 + Int(byte - UInt8(ascii: "A")) + 1
            if result > 16_384 { return nil }
        }
        return result > 0 ? result - 1 : nil
    }
}

// A text table as it is: lines of trimmed fields, without a guess what they mean. For tables that are no caption sheets.
import Files

public enum PlainTable {
    /// The lines that are not blank, with their numbers in the file and all their fields. Delimiters and encodings are those of caption
    /// tables.
    public static func read(_ path: String) throws(TableError) -> [(line: Int, fields: [String])] {
        let bytes: [UInt8]
        do throws(FileError) { bytes = try FileIO.read(path, limit: 1 << 26) } catch { throw .file(error) }
        return try rows(bytes, path: path)
    }

    package static func rows(_ bytes: [UInt8], path: String) throws(TableError) -> [(line: Int, fields: [String])] {
        try CSVText.rows(bytes, path: path).rows.filter { !$0.isBlank }.map { row in
            (row.number, (0..<(row.fieldCount ?? row.width)).map { trimmed(row.cells[$0] ?? "") })
        }
    }
}

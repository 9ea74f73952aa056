// A 16-bit grey TIFF from numbers, uncompressed: the shortest file of that depth. Not for other kinds (Scripts/golden/imaging.py makes
// those).

public enum SixteenBitTIFF {
    /// - Precondition: `values.count == width * height`.
    public static func grey(_ values: [UInt16], width: Int, height: Int) -> [UInt8] {
        precondition(values.count == width * height)
        func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let entries: [(tag: Int, value: Int)] = [
            (256, width), (257, height), (258, 16), (259, 1), (262, 1), (273, 8), (277, 1), (278, height), (279, 2 * values.count),
        ]
        let directory =
            little(entries.count, 2) + entries.flatMap { little($0.tag, 2) + little(4, 2) + little(1, 4) + little($0.value, 4) }
            + little(0, 4)
        return [0x49, 0x49, 42, 0] + little(8 + 2 * values.count, 4) + values.flatMap { little(Int($0), 2) } + directory
    }
}

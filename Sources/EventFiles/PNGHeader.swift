// The size and the channels of a PNG, from its first bytes. Not a decoder.

struct PNGHeader {
    let width: Int
    let height: Int
    /// 1 grey, 2 grey and alpha, 3 RGB or palette, 4 RGB and alpha.
    let channels: Int

    /// Nil if the bytes do not begin as a PNG does.
    init?(_ png: [UInt8]) {
        guard png.count >= 26, png.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
            png[12..<16].elementsEqual("IHDR".utf8), let channels = [0: 1, 2: 3, 3: 3, 4: 2, 6: 4][png[25]]
        else { return nil }
        func word(_ place: Int) -> Int { png[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
        self.channels = channels
        width = word(16)
        height = word(20)
    }
}

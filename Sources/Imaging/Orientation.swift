// The orientation that cameras store with the pixels: read from EXIF (tag 0x0112), otherwise from XMP. The pixels are turned upright as by
// Pillow's ImageOps.exif_transpose. A metadata block that cannot be read counts as no orientation, because it says nothing about the
// pixels.

/// TIFF/EXIF orientation: where row 0 and column 0 of the stored image lie in the upright one.
enum Orientation: Int, Sendable {
    case upright = 1, mirrored, rotated180, flipped, transposed, rotated90, transversed, rotated270

    /// True where rows and columns change places.
    var swapsSides: Bool { rawValue >= 5 }

    static func stated(exif: UnsafeBufferPointer<UInt8>, xmp: UnsafeBufferPointer<UInt8>) -> Orientation? {
        if let value = exifValue(exif) { return Orientation(rawValue: value) }
        if let value = xmpValue(xmp) { return Orientation(rawValue: value) }
        return nil
    }

    /// The orientation entry of the first directory of an EXIF block (a TIFF header and directory).
    private static func exifValue(_ block: UnsafeBufferPointer<UInt8>) -> Int? {
        var bytes = block[...]
        let prefix: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]  // "Exif", which some writers repeat inside the block
        while bytes.starts(with: prefix) { bytes = bytes.dropFirst(6) }
        let data = UnsafeBufferPointer(rebasing: bytes)
        guard data.count >= 8 else { return nil }
        let little: Bool
        switch (data[0], data[1]) {
        case (0x49, 0x49): little = true
        case (0x4D, 0x4D): little = false
        default: return nil
        }
        func number(_ offset: Int, _ size: Int) -> Int? {
            guard offset >= 0, offset + size <= data.count else { return nil }
            var value = 0
            for i in 0..<size { value = value << 8 | Int(data[offset + (little ? size - 1 - i : i)]) }
            return value
        }
        guard number(2, 2) == 42, let directory = number(4, 4), let entries = number(directory, 2) else { return nil }
        for entry in 0..<entries {
            let offset = directory + 2 + 12 * entry
            guard let tag = number(offset, 2), let type = number(offset + 2, 2), let count = number(offset + 4, 4) else { return nil }
            if tag == 0x0112 {
                guard count == 1 else { return nil }
                switch type {
                case 3, 8: return number(offset + 8, 2)
                case 4, 9: return number(offset + 8, 4)
                default: return nil
                }
            }
        }
        return nil
    }

    /// The digit after `tiff:Orientation="` or `tiff:Orientation>`.
    private static func xmpValue(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        let key = Array("tiff:Orientation".utf8)
        guard text.count > key.count + 2, let first = key.first else { return nil }
        var i = 0
        while i + key.count + 1 < text.count {
            if text[i] == first && zip(key, text[i..<(i + key.count)]).allSatisfy({ $0 == $1 }) {
                var j = i + key.count
                if text[j] == UInt8(ascii: "="), text[j + 1] == UInt8(ascii: "\"") {
                    j += 2
                } else if text[j] == UInt8(ascii: ">") {
                    j += 1
                } else {
                    j = text.count
                }
                if j < text.count, text[j] >= 48, text[j] <= 57 { return Int(text[j]) - 48 }
            }
            i += 1
        }
        return nil
    }
}

extension Orientation {
    /// The samples of a picture stored with this orientation, in upright order.
    func upright<Value: FixedWidthInteger>(_ samples: [Value], width: Int, height: Int, channels: Int) -> [Value] {
        let newWidth = swapsSides ? height : width, newHeight = swapsSides ? width : height
        // Source position of the upright pixel (row, column), as start + row * rowStep + column * columnStep, in pixels.
        let start: Int, rowStep: Int, columnStep: Int
        switch self {
        case .upright: return samples
        case .mirrored: (start, rowStep, columnStep) = (width - 1, width, -1)
        case .rotated180: (start, rowStep, columnStep) = (height * width - 1, -width, -1)
        case .flipped: (start, rowStep, columnStep) = ((height - 1) * width, -width, 1)
        case .transposed: (start, rowStep, columnStep) = (0, 1, width)
        case .rotated90: (start, rowStep, columnStep) = ((height - 1) * width, 1, -width)
        case .transversed: (start, rowStep, columnStep) = (height * width - 1, -1, -width)
        case .rotated270: (start, rowStep, columnStep) = (width - 1, -1, width)
        }
        let count = samples.count
        return [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
            samples.withUnsafeBufferPointer { source in
                var out = 0
                for row in 0..<newHeight {
                    var position = start + row * rowStep
                    for _ in 0..<newWidth {
                        for c in 0..<channels { buffer[out + c] = source[position * channels + c] }
                        out += channels
                        position += columnStep
                    }
                }
            }
            initialized = count
        }
    }
}

extension Raster {
    /// The upright form of a raster stored with `orientation`.
    func turned(from orientation: Orientation) -> Raster {
        Raster(
            width: orientation.swapsSides ? height : width, height: orientation.swapsSides ? width : height, channels: channels,
            pixels: orientation.upright(pixels, width: width, height: height, channels: channels))
    }
}

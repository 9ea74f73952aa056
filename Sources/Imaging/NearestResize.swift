// Nearest-neighbour resizing for masks, equal to Pillow's `Image.resize(size, Image.NEAREST)`: the centre of each output sample is mapped
// to the input and truncated. Positions are computed by repeated addition, because its rounding decides the ties.

extension Raster {
    /// This raster at another size; every output sample is one input sample.
    public func resizedNearest(width newWidth: Int, height newHeight: Int) -> Raster {
        precondition(newWidth > 0 && newHeight > 0 && width > 0 && height > 0, "cannot resize from or to nothing")
        if newWidth == width && newHeight == height { return self }
        let columns = Raster.nearestPositions(from: width, to: newWidth), rows = Raster.nearestPositions(from: height, to: newHeight)
        return Raster.filling(width: newWidth, height: newHeight, channels: channels) { target in
            pixels.withUnsafeBufferPointer { source in
                var out = 0
                if channels == 1 {
                    for row in rows {
                        let line = Int(row) * width
                        for column in columns {
                            target[out] = source[line + Int(column)]
                            out += 1
                        }
                    }
                    return
                }
                for row in rows {
                    let line = Int(row) * width
                    for column in columns {
                        let position = (line + Int(column)) * channels
                        for c in 0..<channels { target[out + c] = source[position + c] }
                        out += channels
                    }
                }
            }
        }
    }

    /// The input position for every output position.
    static func nearestPositions(from inputSize: Int, to outputSize: Int) -> [Int32] {
        let step = Double(inputSize) / Double(outputSize)
        var position = step * 0.5
        var positions: [Int32] = []
        positions.reserveCapacity(outputSize)
        for _ in 0..<outputSize {
            positions.append(Int32(min(Int(position), inputSize - 1)))
            position += step
        }
        return positions
    }
}

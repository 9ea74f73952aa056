// The package's picture in memory: 8-bit samples, grey or RGB. Not for float maps, files or metadata.
// Invariant: pixels.count == width * height * channels, rows top to bottom, samples of a pixel interleaved (H, W, C order).

/// An 8-bit image of H rows, W columns and C interleaved channels (1 = grey, 3 = RGB).
public struct Raster: Sendable, Equatable {
    public let width: Int
    public let height: Int
    public let channels: Int
    /// Samples in row-major order, [H, W, C].
    public var pixels: [UInt8]

    /// - Precondition: `pixels.count == width * height * channels`, and all three are at least 0.
    public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
        precondition(width >= 0 && height >= 0 && channels >= 1, "a raster cannot have negative sizes")
        precondition(pixels.count == width * height * channels, "a raster needs width * height * channels samples")
        self.width = width
        self.height = height
        self.channels = channels
        self.pixels = pixels
    }

    /// A raster with the same value everywhere.
    public init(width: Int, height: Int, channels: Int, filledWith value: UInt8 = 0) {
        self.init(width: width, height: height, channels: channels, pixels: [UInt8](repeating: value, count: width * height * channels))
    }

    /// The sample at a row, column and channel.
    public subscript(row: Int, column: Int, channel: Int = 0) -> UInt8 {
        get { pixels[(row * width + column) * channels + channel] }
        set { pixels[(row * width + column) * channels + channel] = newValue }
    }

    /// Runs `body` with the samples of a new raster; `body` must write every sample.
    static func filling(
        width: Int, height: Int, channels: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Void
    ) -> Raster {
        let count = width * height * channels
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            body(UnsafeMutableBufferPointer(rebasing: buffer[0..<count]))
            initialized = count
        }
        return Raster(width: width, height: height, channels: channels, pixels: pixels)
    }
}

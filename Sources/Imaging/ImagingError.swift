// What can be wrong with an image. The texts are in ImagingError+Description.swift. Not for file access (Files' FileError): the caller
// reads the bytes and names the path.
import Files

/// The reason why an image cannot be used.
public enum ImagingError: UserFacingError, Equatable {
    /// A file of zero bytes.
    case empty
    /// The content is no supported format; `found` says what it is, `cure` what to do about it.
    case unrecognised(found: String, cure: String)
    /// Truncated or corrupt content; the reason in the decoder's words.
    case damaged(format: ImageFormat, reason: String)
    /// A whole file of a kind that is not supported (12-bit JPEG, float TIFF, ...).
    case unsupported(format: ImageFormat, reason: String)
    /// The header declares more pixels than the limits allow.
    case tooLarge(format: ImageFormat, width: Int, height: Int, limits: DecodeLimits)
    /// The header declares more data than a file of this size can hold.
    case impossibleSize(format: ImageFormat, width: Int, height: Int, fileBytes: Int)
    /// A colour picture where a mask was expected; gives the pixel with the largest difference between its channels.
    case notAMask(red: UInt8, green: UInt8, blue: UInt8, row: Int, column: Int, tolerance: Int)
    /// A mask without the plane that the dataset's mask rule needs.
    case noMaskRule(found: String, wanted: String)
    /// Bytes that are not the run lengths of a mask of this size (MaskRuns).
    case damagedRuns(width: Int, height: Int, reason: String)
    /// Two rasters that must agree in size do not.
    case sizesDiffer(first: String, firstWidth: Int, firstHeight: Int, second: String, secondWidth: Int, secondHeight: Int)
    /// A raster that cannot be stored: it has no pixels, or its channel count is neither 1 nor 3.
    case notEncodable(reason: String)

    public var kind: FailureKind { .data }
}

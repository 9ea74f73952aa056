// How a dataset's 16-bit images are reduced to 8 bits: one scale for all of them, from the number of bits that they use. Scanners and
// cameras give 10, 12 or 14 bits in 16-bit files; the high byte of those is nearly black. Not for masks, whose values mean something, nor
// for 8-bit images.
// Invariant: images that use all 16 bits are always reduced to their high byte.
import Imaging

struct ImageBits {
    /// For the summary; nil if the high byte is right.
    let recorded: Int?
    /// Remarks about the whole dataset.
    let remarks: [String]

    /// - Parameter images: 16-bit images with the bits of their largest values.
    init(_ images: [(path: String, bits: Int)]) {
        let paths = images.map(\.path)
        let most = max(images.map(\.bits).max() ?? 16, 8)
        guard !images.isEmpty else { (recorded, remarks) = (nil, []); return }
        var remarks: [String] = []
        let subject = images.count == 1 ? "1 image" : "\(images.count) images"
        if most == 16 {
            recorded = nil
            remarks.append(Listing.line("\(subject), \(DecodeNote.reducedFrom16Bit)", paths))
        } else {
            recorded = most
            let files = images.count == 1 ? "1 file" : "\(images.count) files"
            let depth = most == 8 ? "8 bits or fewer; their low byte is taken" : "\(most) bits; scaled by those"
            remarks.append(Listing.line("images: 16-bit files that use \(depth), in \(files)", paths))
        }
        // All images share one scale, so an image that uses far fewer bits than the others becomes nearly black.
        let dark = images.filter { $0.bits <= most - 4 && most > 8 }
        if !dark.isEmpty {
            remarks.append(
                Listing.line(
                    "\(dark.count) of \(subject) of 16 bits use at most \(most - 4) bits while others use \(most), so they become dark;"
                        + " rescale them if they come from another device", dark.map(\.path)))
        }
        self.remarks = remarks
    }
}

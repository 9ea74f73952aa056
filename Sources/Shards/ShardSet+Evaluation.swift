// What evaluation reads of a sample beyond what training does: the mask at the picture's own size, the patient,
// other captions, millimetres. Shards may lack these, those of earlier programs do. Not for batches: a loader never decodes these columns.
import Imaging

extension ShardSet {
    /// Whether the shards hold masks at the size of the original images.
    public var hasOriginalMasks: Bool { layout.originalMask != nil }

    /// The mask of a sample at the upright size of its original image, uint8 [H,W] of 0 and 1, as its files give it: without resizing, and
    /// with all masks of the image united. A mask that had another size than its image (`--allow-mask-resize`) is resized to it by the
    /// nearest pixel. Nil if the shards do not hold original masks.
    /// - Throws: `damaged` with the sample's number for bytes that are not a mask of that size; the errors of reading a shard.
    public func originalMask(of index: Int) throws(ShardError) -> Raster? {
        guard let column = layout.originalMask else { return nil }
        let layout = layout
        var result: Result<Raster, ImagingError>?
        try withColumns(of: index) { bytes, ranges in
            func integer(_ column: Int) -> Int {
                Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: ranges[column].lowerBound, as: Int64.self)))
            }
            result = Result { () throws(ImagingError) in
                try MaskRuns.decode(
                    UnsafeRawBufferPointer(rebasing: bytes[ranges[column]]), width: integer(layout.width), height: integer(layout.height))
            }
        }
        switch result {
        case .success(let mask): return mask
        case .failure(let error): throw damaged(index, "its original mask: \(error)")
        case nil: return nil
        }
    }

    /// Whether the shards hold patients.
    public var hasGroups: Bool { layout.group != nil }

    /// The patient of a sample (with `prep ingest --group-by study` the study), spelled alike in all of its samples and splits. Nil where
    /// it is not known, or if the shards do not hold patients.
    public func group(of index: Int) throws(ShardError) -> String? {
        guard let column = layout.group else { return nil }
        var group = ""
        try withColumns(of: index) { bytes, ranges in group = String(decoding: bytes[ranges[column]], as: UTF8.self) }
        return group.isEmpty ? nil : group
    }

    /// Whether the shards hold other captions.
    public var hasOtherCaptions: Bool { layout.otherCaptions != nil }

    /// Other captions of a sample's image from the source of its caption, in the source's order, as written: the other prompts of MedVLSM.
    /// None is empty, or equal to another or to the sample's caption but for white space. Empty for a sample without any; nil if the shards
    /// do not hold other captions.
    /// - Throws: `damaged` with the sample's number for bytes that are no JSON array of strings.
    public func otherCaptions(of index: Int) throws(ShardError) -> [String]? {
        guard let column = layout.otherCaptions else { return nil }
        var captions: [String]?
        try withColumns(of: index) { bytes, ranges in captions = EvaluationColumns.captions(bytes[ranges[column]]) }
        guard let captions else { throw damaged(index, "its other captions are no JSON array of strings") }
        return captions
    }

    /// Whether the shards hold spacings.
    public var hasSpacings: Bool { layout.spacing != nil }

    /// Millimetres a pixel of a sample's original image, from row to row and from column to column. Nil where it is not known, or if the
    /// shards do not hold spacings.
    /// - Throws: `damaged` with the sample's number for values that are no distances.
    public func spacing(of index: Int) throws(ShardError) -> (row: Double, column: Double)? {
        guard let column = layout.spacing else { return nil }
        var values: [Double] = []
        try withColumns(of: index) { bytes, ranges in values = EvaluationColumns.spacing(bytes[ranges[column]]) }
        if values.allSatisfy(\.isNaN) { return nil }
        guard let spacing = PixelSpacing(y: values[0], x: values[1]) else {
            throw damaged(index, "its spacing is \(values[0]), \(values[1])")
        }
        return (spacing.y, spacing.x)
    }

    private func damaged(_ sample: Int, _ reason: String) -> ShardError {
        let shard = index.shards[shardNumber(of: sample)]
        return .damaged(ShardProblem(path: folder + "/" + shard.stored.basename, sample: "number \(sample)", reason: reason))
    }
}

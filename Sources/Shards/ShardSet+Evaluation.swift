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

    /// The patient of a sample (with `prep ingest --group-by study` the study), spelled alike in all of its samples and splits. Nil where
    /// it is not known, or if the shards do not hold patients.
    /// - Throws: `damaged` with the sample's number for bytes that are not UTF-8.
    public func group(of index: Int) throws(ShardError) -> String? {
        guard let column = layout.group else { return nil }
        return try decoded(column, of: index) { bytes throws(EvaluationColumns.Fault) in try EvaluationColumns.group(bytes) }
    }

    /// Whether the shards hold other captions.
    public var hasOtherCaptions: Bool { layout.otherCaptions != nil }

    /// Other captions of a sample's image from the source of its caption, in the source's order, as written: the other prompts of MedVLSM.
    /// None is empty, or equal to another or to the sample's caption but for white space. Empty for a sample without any; nil if the shards
    /// do not hold other captions.
    /// - Throws: `damaged` with the sample's number for bytes that are no JSON array of strings.
    public func otherCaptions(of index: Int) throws(ShardError) -> [String]? {
        guard let column = layout.otherCaptions else { return nil }
        return try decoded(column, of: index) { bytes throws(EvaluationColumns.Fault) in try EvaluationColumns.captions(bytes) }
    }

    /// Millimetres a pixel of a sample's original image, from row to row and from column to column. Nil where it is not known, or if the
    /// shards do not hold spacings.
    /// - Throws: `damaged` with the sample's number for values that are no distances.
    public func spacing(of index: Int) throws(ShardError) -> PixelSpacing? {
        guard let column = layout.spacing else { return nil }
        return try decoded(column, of: index) { bytes throws(EvaluationColumns.Fault) in try EvaluationColumns.spacing(bytes) }
    }

    private func decoded<Value>(
        _ column: Int, of index: Int, _ decode: (UnsafeRawBufferPointer.SubSequence) throws(EvaluationColumns.Fault) -> Value
    ) throws(ShardError) -> Value {
        var result: Result<Value, EvaluationColumns.Fault>?
        try withColumns(of: index) { bytes, ranges in
            result = Result { () throws(EvaluationColumns.Fault) in try decode(bytes[ranges[column]]) }
        }
        switch result {
        case .success(let value): return value
        case .failure(let fault): throw damaged(index, fault.reason)
        case nil: throw damaged(index, "it has no such column")
        }
    }

    private func damaged(_ sample: Int, _ reason: String) -> ShardError {
        let shard = index.shards[shardNumber(of: sample)]
        return .damaged(ShardProblem(path: folder + "/" + shard.stored.basename, sample: "number \(sample)", reason: reason))
    }
}

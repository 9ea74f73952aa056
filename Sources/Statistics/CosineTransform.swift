// The two-dimensional cosine transform (DCT-II) of small maps, by FFTW. Not for full-size images: PictureFingerprint shrinks them first.
// Invariant: the plan is made once and never changes. FFTW lets any number of threads run the same plan on different maps.
import CFFTW

final class CosineTransform: @unchecked Sendable {
    let rows: Int, columns: Int
    private let plan: OpaquePointer

    /// Nil when memory runs out.
    init?(rows: Int, columns: Int) {
        guard let plan = vlseg_cosine_create(Int64(rows), Int64(columns)) else { return nil }
        self.plan = plan
        self.rows = rows
        self.columns = columns
    }

    deinit { vlseg_cosine_destroy(plan) }

    /// C[v, u] = 4 sum over y, x of map[y, x] cos(pi (2y + 1) v / 2 rows) cos(pi (2x + 1) u / 2 columns), both [rows, columns].
    /// - Precondition: `map` has rows * columns values.
    func forward(_ map: [Float]) -> [Float] {
        precondition(map.count == rows * columns, "a map of another size than the transform's")
        return [Float](unsafeUninitializedCapacity: map.count) { coefficients, count in
            map.withUnsafeBufferPointer { vlseg_cosine_forward(plan, $0.baseAddress, coefficients.baseAddress) }
            count = map.count
        }
    }
}

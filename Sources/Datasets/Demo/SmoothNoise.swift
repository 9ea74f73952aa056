// Value noise: a smooth random field over the plane, for the texture and the uneven outlines of the demo pictures.
// Uses only + - * / and integer hashing, so that every machine draws the same bytes.
import Randomness

struct SmoothNoise: Sendable {
    let seed: UInt64

    /// The field at (x, y), in [-1, 1]; one lattice cell is one unit wide.
    func value(_ x: Double, _ y: Double) -> Double {
        let left = x.rounded(.down), top = y.rounded(.down)
        let column = Int64(left), row = Int64(top)
        let u = Self.eased(x - left), v = Self.eased(y - top)
        let upper = lattice(column, row) * (1 - u) + lattice(column + 1, row) * u
        let lower = lattice(column, row + 1) * (1 - u) + lattice(column + 1, row + 1) * u
        return upper * (1 - v) + lower * v
    }

    /// Several octaves, each half as strong and twice as fine; in [-1, 1].
    func layered(_ x: Double, _ y: Double, octaves: Int) -> Double {
        var sum = 0.0, total = 0.0, weight = 1.0, scale = 1.0
        for octave in 0..<octaves {
            // Each octave is shifted, or the lattice points of all octaves would coincide at the origin.
            let shift = Double(octave) * 17.3
            sum += weight * value(x * scale + shift, y * scale + shift)
            total += weight
            weight *= 0.5
            scale *= 2
        }
        return sum / total
    }

    private func lattice(_ column: Int64, _ row: Int64) -> Double {
        let key = UInt64(bitPattern: column) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(bitPattern: row) &* 0xC2B2_AE3D_27D4_EB4F
        return Double(SplitMix64.mixed(key ^ seed) >> 11) * 0x1p-52 - 1
    }

    /// Smoothstep: zero slope at both ends.
    static func eased(_ t: Double) -> Double { t * t * (3 - 2 * t) }
}

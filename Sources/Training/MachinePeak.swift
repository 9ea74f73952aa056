// The measured peak rate of this machine: the reference for `train profile` and the progress line.
import Foundation
import Tensors

public enum MachinePeak {
    /// Multiplications and additions per second of a square product in a number format.
    /// - Parameters:
    ///   - size: rows and columns; 1024 takes some hundredths of a second and is within a few percent of larger sizes.
    ///   - rounds: number of repetitions; the best rate counts.
    public static func operations(_ format: NumberFormat, _ backend: any Backend, size: Int = 1024, rounds: Int = 3) -> Double {
        let a = backend.zeros([size, size], format: format), b = backend.zeros([size, size], format: format)
        let c = backend.empty([size, size], format: format)
        let seconds = best(of: rounds, backend) {
            backend.matrixProduct(
                MatrixView(a), transposed: false, MatrixView(b), transposed: false, into: MatrixView(c), m: size, n: size, k: size, beta: 0,
                bias: nil)
        }
        return 2 * Double(size * size * size) / seconds
    }

    /// Bytes read and written per second by a long scaled copy in float32.
    static func bytes(_ backend: any Backend) -> Double {
        let count = 1 << 26
        let x = backend.zeros([count]), y = backend.empty([count])
        return Double(count * 8) / best(of: 5, backend) { backend.scale(x, by: 1, into: y) }
    }

    private static func best(of rounds: Int, _ backend: any Backend, _ body: () -> Void) -> Double {
        body()
        backend.synchronise()
        return (0..<rounds).reduce(Double.infinity) { least, _ in
            let start = DispatchTime.now().uptimeNanoseconds
            body()
            backend.synchronise()
            return min(least, Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9)
        }
    }
}

// Sinusoidal positional embeddings.
import Foundation
import Tensors

/// Sinusoidal positional embeddings (Vaswani et al. 2017), computed once per size: sin in even features, cos in odd ones, base 10000.
package final class PositionTables {
    private let backend: any Backend
    private var tables: [[Int]: Tensor] = [:]

    package init(backend: any Backend) { self.backend = backend }

    func table(positions: Int, channels: Int) -> Tensor {
        if let table = tables[[positions, channels]] { return table }
        let table = backend.tensor(PositionTables.values(positions: positions, channels: channels), [positions, channels])
        tables[[positions, channels]] = table
        return table
    }

    package static func values(positions: Int, channels: Int) -> [Float] {
        (0..<positions).flatMap { position in
            (0..<channels).map { feature in
                let angle = Double(position) * exp(-log(10000) * Double(feature / 2 * 2) / Double(channels))
                return Float(feature % 2 == 0 ? sin(angle) : cos(angle))
            }
        }
    }
}

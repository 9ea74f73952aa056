// Attention within windows: values against float64 written from the definition, gradients of map and table against its differences.
import Foundation
import Tensors
import Testing

@Suite struct WindowAttentionTests {
    struct Sizes { let batch: Int, height: Int, width: Int, heads: Int, width1: Int, side: Int, shift: Int }

    /// From the definition: every window of the shifted map by itself, regions told apart by the bands of rows and columns.
    static func attention(_ qkv: Reference, _ table: Reference, _ s: Sizes) -> Reference {
        let d = s.width1, c = s.heads * d, n = s.side * s.side, across = 2 * s.side - 1
        var y = Reference(zeros: [s.batch, s.height, s.width, c])
        func band(_ position: Int, _ size: Int) -> Int { (position >= size - s.side ? 1 : 0) + (position >= size - s.shift ? 1 : 0) }
        for window in 0..<(s.batch * (s.height / s.side) * (s.width / s.side)) {
            let perImage = (s.height / s.side) * (s.width / s.side), image = window / perImage
            let top = window % perImage / (s.width / s.side) * s.side, left = window % (s.width / s.side) * s.side
            let places = (0..<n).map { (row: top + $0 / s.side, column: left + $0 % s.side) }
            let pixels = places.map {
                (image * s.height + ($0.row + s.shift) % s.height) * s.width + ($0.column + s.shift) % s.width
            }
            let regions = places.map { s.shift == 0 ? 0 : 3 * band($0.row, s.height) + band($0.column, s.width) }
            for head in 0..<s.heads {
                func value(_ part: Int, _ place: Int, _ j: Int) -> Double { qkv[pixels[place] * 3 * c + part * c + head * d + j] }
                for i in 0..<n {
                    let scores = (0..<n).map { j in
                        let product = (0..<d).reduce(0) { $0 + value(0, i, $1) * value(1, j, $1) } / Double(d).squareRoot()
                        let offset = (i / s.side - j / s.side + s.side - 1) * across + i % s.side - j % s.side + s.side - 1
                        return product + table[offset * s.heads + head] + (regions[i] == regions[j] ? 0 : -100)
                    }
                    let largest = scores.max() ?? 0, weights = scores.map { exp($0 - largest) }, sum = weights.reduce(0, +)
                    for e in 0..<d { y[pixels[i] * c + head * d + e] = (0..<n).reduce(0) { $0 + weights[$1] * value(2, $1, e) } / sum }
                }
            }
        }
        return y
    }

    /// Widths of heads and windows that are whole vectors, less and more; one window, and maps that are not square.
    @Test(arguments: [
        Sizes(batch: 2, height: 6, width: 6, heads: 2, width1: 2, side: 3, shift: 0),
        Sizes(batch: 2, height: 6, width: 9, heads: 2, width1: 5, side: 3, shift: 1),
        Sizes(batch: 1, height: 14, width: 7, heads: 1, width1: 32, side: 7, shift: 3),
        Sizes(batch: 1, height: 7, width: 7, heads: 3, width1: 8, side: 7, shift: 0),
        Sizes(batch: 1, height: 8, width: 8, heads: 2, width1: 16, side: 4, shift: 2),
    ])
    func aWindowAttendsToItself(s: Sizes) throws {
        let table = [(2 * s.side - 1) * (2 * s.side - 1), s.heads]
        try checkOperator(
            [.init([s.batch, s.height, s.width, 3 * s.heads * s.width1], scale: 1.5), .init(table)], half: [0]
        ) {
            $0.windowAttention($1[0], table: $1[1], heads: s.heads, side: s.side, shift: s.shift)
        } reference: {
            Self.attention($0[0], $0[1], s)
        }
    }

    /// The table's gradient is the same bits however many threads there are.
    @Test func theResultDoesNotDependOnTheThreads() throws {
        func run(_ threads: Int) throws -> [[Float]] {
            let backend = try CPUBackend(threads: threads)
            var random = TestRandom(3)
            func leaf(_ shape: [Int]) -> Tensor {
                let count = shape.reduce(1, *)
                return backend.tensor(random.values(count).map(Float.init), [count])
                    .parameterView(shape, at: 0, gradients: backend.zeros([count]))
            }
            let qkv = leaf([3, 14, 14, 48]), table = leaf([169, 2]), tape = Tape(backend: backend, mode: .training)
            let y = tape.windowAttention(qkv, table: table, heads: 2, side: 7, shift: 3)
            tape.start(backend.tensor(random.values(y.count).map(Float.init), y.shape), at: y)
            tape.backward()
            return [backend.values(y)] + (try [qkv, table].map { backend.values(try #require($0.gradient)) })
        }
        #expect(try run(1) == run(2))
    }
}

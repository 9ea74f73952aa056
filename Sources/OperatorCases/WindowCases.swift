// Operators of networks of windows: attention within windows, drop path, patches as channels.
import Foundation
import Tensors

/// How windows are cut from a map.
package struct AttentionWindows: Sendable {
    package let batch: Int, height: Int, width: Int, heads: Int, headWidth: Int, side: Int, shift: Int

    package init(batch: Int, height: Int, width: Int, heads: Int, headWidth: Int, side: Int, shift: Int) {
        self.batch = batch
        self.height = height
        self.width = width
        self.heads = heads
        self.headWidth = headWidth
        self.side = side
        self.shift = shift
    }

    package var name: String {
        "window attention at \(height)x\(width), \(heads) heads of \(headWidth), side \(side)" + (shift == 0 ? "" : ", shift \(shift)")
    }

    package var qkv: [Int] { [batch, height, width, 3 * heads * headWidth] }
    package var table: [Int] { [(2 * side - 1) * (2 * side - 1), heads] }

    package func body(_ tape: Tape, _ x: [Tensor]) -> Tensor {
        tape.windowAttention(x[0], table: x[1], heads: heads, side: side, shift: shift)
    }

    /// From the definition: every window of the shifted map by itself, regions told apart by the bands of rows and columns.
    package func reference(_ inputs: [Reference]) -> Reference {
        let (qkv, table) = (inputs[0], inputs[1])
        let d = headWidth, c = heads * d, n = side * side, across = 2 * side - 1
        var y = Reference(zeros: [batch, height, width, c])
        func band(_ position: Int, _ size: Int) -> Int { (position >= size - side ? 1 : 0) + (position >= size - shift ? 1 : 0) }
        for window in 0..<(batch * (height / side) * (width / side)) {
            let perImage = (height / side) * (width / side), image = window / perImage
            let top = window % perImage / (width / side) * side, left = window % (width / side) * side
            let places = (0..<n).map { (row: top + $0 / side, column: left + $0 % side) }
            let pixels = places.map { (image * height + ($0.row + shift) % height) * width + ($0.column + shift) % width }
            let regions = places.map { shift == 0 ? 0 : 3 * band($0.row, height) + band($0.column, width) }
            for head in 0..<heads {
                func value(_ part: Int, _ place: Int, _ j: Int) -> Double { qkv[pixels[place] * 3 * c + part * c + head * d + j] }
                for i in 0..<n {
                    let scores = (0..<n).map { j in
                        let product = (0..<d).reduce(0) { $0 + value(0, i, $1) * value(1, j, $1) } / Double(d).squareRoot()
                        let offset = (i / side - j / side + side - 1) * across + i % side - j % side + side - 1
                        return product + table[offset * heads + head] + (regions[i] == regions[j] ? 0 : -100)
                    }
                    let largest = scores.max() ?? 0, weights = scores.map { exp($0 - largest) }, sum = weights.reduce(0, +)
                    for e in 0..<d { y[pixels[i] * c + head * d + e] = (0..<n).reduce(0) { $0 + weights[$1] * value(2, $1, e) } / sum }
                }
            }
        }
        return y
    }

    /// Widths of heads and windows that are whole vectors, less and more; one window, and maps that are not square.
    static let small = [
        AttentionWindows(batch: 2, height: 6, width: 6, heads: 2, headWidth: 2, side: 3, shift: 0),
        AttentionWindows(batch: 2, height: 6, width: 9, heads: 2, headWidth: 5, side: 3, shift: 1),
        AttentionWindows(batch: 1, height: 14, width: 7, heads: 1, headWidth: 32, side: 7, shift: 3),
        AttentionWindows(batch: 1, height: 7, width: 7, heads: 3, headWidth: 8, side: 7, shift: 0),
        AttentionWindows(batch: 1, height: 8, width: 8, heads: 2, headWidth: 16, side: 4, shift: 2),
    ]
}

extension OperatorCase {
    static let windowsSmall: [OperatorCase] =
        AttentionWindows.small.map { windows in
            OperatorCase(
                name: windows.name, operators: ["windowAttention"], inputs: [.init(windows.qkv, scale: 1.5), .init(windows.table)],
                activations: [0], body: { windows.body($0, $1) }, reference: { windows.reference($0) })
        } + [
            // With no dropout in the mode it is the sum; what is dropped is DropPathTests'.
            OperatorCase(
                name: "addPath without dropout", operators: ["addPath"], inputs: [.init([3, 5]), .init([3, 5])], activations: [0, 1],
                mode: .explanation, body: { $0.addPath($1[0], $1[1], dropped: 0.9) },
                reference: { i in Reference(i[0].shape, zip(i[0].values, i[1].values).map { $0 + $1 }) }),
            OperatorCase(
                name: "patches as channels", operators: ["gatherPatches"], inputs: [.init([2, 4, 6, 3])], activations: [0],
                body: { $0.gatherPatches($1[0], size: 2) },
                reference: { i in
                    var y = Reference(zeros: [2, 2, 3, 12])
                    for (to, from) in patchPlaces(batch: 2, height: 4, width: 6, channels: 3, size: 2).enumerated() { y[to] = i[0][from] }
                    return y
                }),
            OperatorCase(
                name: "channels as patches", operators: ["scatterPatches"], inputs: [.init([2, 2, 3, 12])], activations: [0],
                body: { $0.scatterPatches($1[0], size: 2) },
                reference: { i in
                    var y = Reference(zeros: [2, 4, 6, 3])
                    for (from, to) in patchPlaces(batch: 2, height: 4, width: 6, channels: 3, size: 2).enumerated() { y[to] = i[0][from] }
                    return y
                }),
        ]

    /// Where in a map [B,H,W,C] each element of its patches [B,H/size,W/size,size*size*C] is.
    private static func patchPlaces(batch: Int, height: Int, width: Int, channels: Int, size: Int) -> [Int] {
        var places: [Int] = []
        for b in 0..<batch {
            for row in 0..<(height / size) {
                for column in 0..<(width / size) {
                    for (i, j) in (0..<(size * size)).map({ ($0 / size, $0 % size) }) {
                        let pixel = (b * height + row * size + i) * width + column * size + j
                        places += (0..<channels).map { pixel * channels + $0 }
                    }
                }
            }
        }
        return places
    }

    /// Swin-Unet's first stage, whose maps are the largest.
    static func windows(batch b: Int) -> [OperatorCase] {
        let windows = AttentionWindows(batch: b, height: 56, width: 56, heads: 3, headWidth: 32, side: 7, shift: 3)
        return [
            OperatorCase(
                name: windows.name, operators: ["windowAttention"], inputs: [.init(windows.qkv), .init(windows.table)], activations: [0],
                body: { windows.body($0, $1) }),
            OperatorCase(
                name: "drop path of 96 at 56x56", operators: ["addPath"], inputs: [.init([b, 56, 56, 96]), .init([b, 56, 56, 96])],
                activations: [0, 1],
                body: { $0.addPath($1[0], $1[1], dropped: 0.1) }),
            OperatorCase(
                name: "patch merging's pixels", operators: ["gatherPatches"], inputs: [.init([b, 56, 56, 96])], activations: [0],
                body: { $0.gatherPatches($1[0], size: 2) }),
            OperatorCase(
                name: "patch expanding's pixels", operators: ["scatterPatches"], inputs: [.init([b, 28, 28, 384])], activations: [0],
                body: { $0.scatterPatches($1[0], size: 2) }),
        ]
    }
}

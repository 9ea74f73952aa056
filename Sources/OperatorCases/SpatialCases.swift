// Operators on maps [B,H,W,C].
import Tensors

/// How a convolution's window lies on its map.
package struct ConvolutionWindow: Sendable {
    package let input: [Int], output: Int
    package let kernel: Extent
    package let stride: Extent, padding: Extent, dilation: Extent
    package let groups: Int

    package init(
        input: [Int], output: Int, kernel: Extent, stride: Extent = 1, padding: Extent = 0, dilation: Extent = 1, groups: Int = 1
    ) {
        self.input = input
        self.output = output
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
    }

    package var name: String {
        func part(_ name: String, _ e: Extent, _ plain: Int) -> String {
            e == Extent(plain) ? "" : ", \(name) \(e.rows == e.columns ? "\(e.rows)" : "\(e.rows)x\(e.columns)")"
        }
        return "convolution \(kernel.rows)x\(kernel.columns) \(input[3])->\(output) at \(input[1])x\(input[2])" + part("stride", stride, 1)
            + part("padding", padding, 0) + part("dilation", dilation, 1) + (groups == 1 ? "" : ", groups \(groups)")
    }

    package var weight: [Int] { [output, kernel.rows, kernel.columns, input[3] / groups] }

    package func body(_ tape: Tape, _ x: [Tensor]) -> Tensor {
        tape.convolution(
            x[0], weight: x[1], bias: x.count > 2 ? x[2] : nil, stride: stride, padding: padding, dilation: dilation, groups: groups)
    }

    package func reference(_ i: [Reference]) -> Reference {
        let (x, w) = (i[0], i[1])
        let (h, wd, all) = (x.shape[1], x.shape[2], x.shape[3]), inputs = all / groups, outputs = output / groups
        let oh = (h + 2 * padding.rows - dilation.rows * (kernel.rows - 1) - 1) / stride.rows + 1
        let ow = (wd + 2 * padding.columns - dilation.columns * (kernel.columns - 1) - 1) / stride.columns + 1
        var y = Reference(zeros: [x.shape[0], oh, ow, output])
        for index in y.values.indices {
            let o = index % output, column = index / output % ow, row = index / output / ow % oh, n = index / output / ow / oh
            var sum = i.count > 2 ? i[2][o] : 0
            for a in 0..<kernel.rows {
                for b in 0..<kernel.columns {
                    let r = row * stride.rows - padding.rows + a * dilation.rows
                    let c = column * stride.columns - padding.columns + b * dilation.columns
                    guard (0..<h).contains(r), (0..<wd).contains(c) else { continue }
                    for e in 0..<inputs {
                        sum +=
                            x[((n * h + r) * wd + c) * all + o / outputs * inputs + e]
                            * w[((o * kernel.rows + a) * kernel.columns + b) * inputs + e]
                    }
                }
            }
            y[index] = sum
        }
        return y
    }

    /// Every kind of window, on odd sizes.
    package static let small = [
        ConvolutionWindow(input: [2, 5, 4, 3], output: 5, kernel: 3, padding: 1),
        ConvolutionWindow(input: [2, 5, 4, 33], output: 35, kernel: 3, padding: 1),
        ConvolutionWindow(input: [2, 9, 7, 3], output: 5, kernel: 7, stride: 2, padding: 3),
        ConvolutionWindow(input: [2, 6, 7, 4], output: 18, kernel: 3, stride: 2, padding: 1),
        ConvolutionWindow(input: [1, 8, 7, 5], output: 4, kernel: 3, padding: 2, dilation: 2),
        ConvolutionWindow(input: [1, 9, 10, 3], output: 2, kernel: 3, padding: 4, dilation: 4),
        ConvolutionWindow(input: [2, 5, 4, 12], output: 8, kernel: 3, padding: 1, groups: 4),
        ConvolutionWindow(input: [1, 5, 6, 64], output: 64, kernel: 3, stride: 2, padding: 1, groups: 32),
        ConvolutionWindow(input: [1, 6, 5, 19], output: 19, kernel: 3, stride: 2, padding: 1, groups: 19),
        ConvolutionWindow(input: [1, 6, 5, 6], output: 12, kernel: 5, padding: 2, groups: 6),
        ConvolutionWindow(
            input: [2, 7, 8, 6], output: 9, kernel: Extent(3, 2), stride: Extent(2, 1), padding: Extent(2, 1), dilation: Extent(2, 3),
            groups: 3),
        ConvolutionWindow(input: [2, 4, 3, 17], output: 33, kernel: 1, stride: 2),
    ]

    /// Those of networks: UA-VLS and U-Net, a ResNet's stem and steps down, dilated last stages, ResNeXt's groups.
    package static func networkSizes(batch b: Int) -> [ConvolutionWindow] {
        [
            ConvolutionWindow(input: [b, 56, 56, 192], output: 96, kernel: 3, padding: 1),
            ConvolutionWindow(input: [b, 28, 28, 384], output: 192, kernel: 3, padding: 1),
            ConvolutionWindow(input: [b, 14, 14, 768], output: 384, kernel: 3, padding: 1),
            ConvolutionWindow(input: [b, 56, 56, 96], output: 16, kernel: 3, padding: 1),
            ConvolutionWindow(input: [b, 224, 224, 3], output: 64, kernel: 7, stride: 2, padding: 3),
            ConvolutionWindow(input: [b, 56, 56, 128], output: 128, kernel: 3, stride: 2, padding: 1),
            ConvolutionWindow(input: [b, 56, 56, 256], output: 512, kernel: 1, stride: 2),
            ConvolutionWindow(input: [b, 28, 28, 256], output: 256, kernel: 3, padding: 2, dilation: 2),
            ConvolutionWindow(input: [b, 28, 28, 512], output: 512, kernel: 3, padding: 4, dilation: 4),
            ConvolutionWindow(input: [b, 56, 56, 128], output: 128, kernel: 3, padding: 1, groups: 32),
            ConvolutionWindow(input: [b, 56, 56, 144], output: 144, kernel: 3, stride: 2, padding: 1, groups: 144),
        ]
    }
}

extension OperatorCase {
    private static func shuffled(_ x: Reference, factor r: Int) -> (_ n: Int, _ row: Int, _ column: Int) -> Double {
        { n, row, column in
            guard row >= 0, column >= 0 else { return 0 }
            return x[((n * x.shape[1] + row / r) * x.shape[2] + column / r) * r * r + (row % r) * r + column % r]
        }
    }

    package static func maxPooled(_ x: Reference, size k: Int) -> Reference {
        let (b, h, w, c) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        var y = Reference(zeros: [b, h / k, w / k, c])
        for index in y.values.indices {
            let e = index % c, column = index / c % (w / k), row = index / c / (w / k) % (h / k), n = index / c / (w / k) / (h / k)
            y[index] = (0..<(k * k)).map { x[((n * h + row * k + $0 / k) * w + column * k + $0 % k) * c + e] }.max() ?? 0
        }
        return y
    }

    static let spatialSmall: [OperatorCase] = convolutionsSmall + depthwiseSmall + patchesSmall + poolingSmall

    private static let convolutionsSmall: [OperatorCase] =
        ConvolutionWindow.small.map { window -> OperatorCase in
            OperatorCase(
                name: window.name, operators: ["convolution"], inputs: [.init(window.input), .init(window.weight), .init([window.output])],
                activations: [0], body: { window.body($0, $1) }, reference: { window.reference($0) })
        }

    private static let depthwiseSmall: [OperatorCase] =
        [(7, 5), (7, 33), (3, 16)].map { (kernel: Int, channels: Int) -> OperatorCase in
            OperatorCase(
                name: "depthwise \(kernel)x\(kernel) of \(channels)", operators: ["depthwise"],
                inputs: [.init([2, 6, 9, channels]), .init([kernel * kernel, channels]), .init([channels])], activations: [0],
                body: { $0.depthwise($1[0], weight: $1[1], bias: $1[2], kernel: kernel) },
                reference: { i in
                    // A convolution with a group for each channel, its taps by channel.
                    let taps = kernel * kernel
                    let turned = Reference(
                        [channels, kernel, kernel, 1], (0..<(taps * channels)).map { i[1][$0 % taps * channels + $0 / taps] })
                    return ConvolutionWindow(
                        input: [2, 6, 9, channels], output: channels, kernel: Extent(kernel), padding: Extent(kernel / 2), groups: channels
                    ).reference([i[0], turned, i[2]])
                })
        }

    private static let patchesSmall: [OperatorCase] =
        [2, 4].map { (kernel: Int) -> OperatorCase in
            OperatorCase(
                name: "patchConvolution of \(kernel)", operators: ["patchConvolution"],
                inputs: [.init([2, 8, 12, 3]), .init([5, kernel, kernel, 3]), .init([5])], activations: [0],
                body: { $0.patchConvolution($1[0], weight: $1[1], bias: $1[2], kernel: kernel) },
                reference: {
                    ConvolutionWindow(input: [2, 8, 12, 3], output: 5, kernel: Extent(kernel), stride: Extent(kernel)).reference($0)
                })
        }
        + [false, true].map { (hasBias: Bool) -> OperatorCase in
            OperatorCase(
                name: "transposedConvolution\(hasBias ? " with bias" : "")", operators: ["transposedConvolution"],
                inputs: [.init([2, 3, 4, 6]), .init([6, 2, 2, 5]), .init([5])], activations: [0],
                body: { $0.transposedConvolution($1[0], weight: $1[1], bias: hasBias ? $1[2] : nil, kernel: 2) },
                reference: { i in
                    var y = Reference(zeros: [2, 6, 8, 5])
                    for index in y.values.indices {
                        let o = index % 5, c = index / 5 % 8, r = index / 40 % 6, n = index / 240
                        y[index] = (0..<6).reduce(hasBias ? i[2][o] : 0) {
                            $0 + i[0][((n * 3 + r / 2) * 4 + c / 2) * 6 + $1] * i[1][(($1 * 2 + r % 2) * 2 + c % 2) * 5 + o]
                        }
                    }
                    return y
                })
        }

    private static let poolingSmall: [OperatorCase] =
        [2, 3, 4].map { (r: Int) -> OperatorCase in
            OperatorCase(
                name: "shufflePool by \(r)", operators: ["shufflePool"], inputs: [.init([2, 3, 4, r * r]), .init([1])],
                body: { $0.shufflePool($1[0], factor: r, bias: $1[1]) },
                reference: { i in
                    let pixel = shuffled(i[0], factor: r)
                    var y = Reference(zeros: [2, 3 * r, 4 * r])
                    for index in y.values.indices {
                        let column = index % (4 * r), row = index / (4 * r) % (3 * r), n = index / (12 * r * r)
                        let sum = (0..<(r * r)).reduce(0) { $0 + pixel(n, row - $1 / r, column - $1 % r) }
                        y[index] = sum / Double(r * r) + i[1][0]
                    }
                    return y
                })
        }
        + [(4, 6, 3, 2), (5, 7, 16, 2), (2, 2, 21, 2), (7, 9, 8, 3)].map {
            (height: Int, width: Int, channels: Int, size: Int) -> OperatorCase in
            OperatorCase(
                name: "maxPool of \(size) on \(height)x\(width)x\(channels)", operators: ["maxPool"],
                inputs: [.init([2, height, width, channels])], activations: [0], body: { $0.maxPool($1[0], size: size) },
                reference: { maxPooled($0[0], size: size) })
        } + [
            // The map goes on beside the pooling, as to a U-Net's decoder: its gradient is the sum of both ways.
            OperatorCase(
                name: "maxPool of a map that goes on", operators: ["maxPool"], inputs: [.init([1, 5, 4, 16])], activations: [0],
                body: { tape, x in
                    let map = tape.activate(.leakyReLU(slope: 0.5), x[0])
                    return tape.concatenate(tape.reshape(map, [1, 320]), tape.reshape(tape.maxPool(map), [1, 64]))
                },
                reference: { i in
                    let map = i[0].map { $0 > 0 ? $0 : 0.5 * $0 }
                    return Reference([1, 384], map.values + maxPooled(map, size: 2).values)
                }),
            OperatorCase(
                name: "foldGroups", operators: ["foldGroups"], inputs: [.init([12, 2, 3]), .init([1, 3])],
                body: { $0.foldGroups($1[0], mix: $1[1]) },
                reference: { i in
                    Reference([4, 2, 3], (0..<24).map { at in (0..<3).reduce(0) { $0 + i[1][$1] * i[0][$1 * 24 + at] } })
                }),
        ]

    static func spatial(batch b: Int) -> [OperatorCase] {
        ConvolutionWindow.networkSizes(batch: b).map { window in
            OperatorCase(
                name: window.name, operators: ["convolution"],
                inputs: [
                    .init(window.input),
                    .init(window.weight, scale: 1 / Double(window.weight.dropFirst().reduce(1, *)).squareRoot()),
                ], activations: [0], body: { window.body($0, $1) })
        } + [
            OperatorCase(
                name: "stem, 4x4 patches", operators: ["patchConvolution"],
                inputs: [.init([b, 224, 224, 3]), .weight(96, 4, 4, 3), .vector(96)], activations: [0],
                body: { $0.patchConvolution($1[0], weight: $1[1], bias: $1[2], kernel: 4) }),
            OperatorCase(
                name: "transposed convolution 2x2 192->96 at 28x28", operators: ["transposedConvolution"],
                inputs: [.init([b, 28, 28, 192]), .init([192, 2, 2, 96], scale: 0.07)], activations: [0],
                body: { $0.transposedConvolution($1[0], weight: $1[1], kernel: 2) }),
            OperatorCase(
                name: "depthwise 7x7 of 96 at 56x56", operators: ["depthwise"],
                inputs: [.init([b, 56, 56, 96]), .init([49, 96], scale: 0.14), .vector(96)], activations: [0],
                body: { $0.depthwise($1[0], weight: $1[1], bias: $1[2], kernel: 7) }),
            OperatorCase(
                name: "pixel shuffle and pool", operators: ["shufflePool"], inputs: [.init([b, 56, 56, 16]), .vector(1)],
                body: { $0.shufflePool($1[0], factor: 4, bias: $1[1]) }),
            OperatorCase(
                name: "folded groups", operators: ["foldGroups"], inputs: [.init([384, 9, 96]), .weight(1, 24)],
                body: { $0.foldGroups($1[0], mix: $1[1]) }),
            OperatorCase(
                name: "max pooling 2x2 of 64 at 112x112", operators: ["maxPool"], inputs: [.init([b, 112, 112, 64])], activations: [0],
                body: { $0.maxPool($1[0]) }),
        ]
    }
}

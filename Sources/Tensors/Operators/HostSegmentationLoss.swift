// The segmentation loss in float64 on the host, for a device that has it not in one pass: it is read back, so a step with it cannot be
// recorded. Transforms are sums over rows and columns, slow and plain.
import Foundation

struct HostSegmentationLoss {
    private let weights: LossWeights
    /// Images, rows, columns.
    private let shape: [Int]
    private let p: [Double], g: [Double]
    private(set) var parts: [LossWeights.Term: Double] = [:]
    /// Of the weighted sum, for each probability.
    private(set) var gradient: [Double]

    init(_ p: [Double], target g: [Double], shape: [Int], weights: LossWeights) {
        self.weights = weights
        self.shape = shape
        self.p = p
        self.g = g
        gradient = [Double](repeating: 0, count: p.count)
        if weights.dice != 0 { parts[.dice] = addDice(Double(weights.dice)) }
        if weights.crossEntropy != 0 { parts[.crossEntropy] = addCrossEntropy(Double(weights.crossEntropy)) }
        if weights.spectral != 0 { parts[.spectral] = addSpectral(Double(weights.spectral)) }
        if weights.entropy != 0 { parts[.entropy] = addEntropy(Double(weights.entropy)) }
        parts[.total] = weights.total(parts)
    }

    private var map: Int { shape[1] * shape[2] }

    private mutating func addDice(_ weight: Double) -> Double {
        let quotients = weights.acrossBatch ? 1 : shape[0], size = p.count / quotients
        var sum = 0.0
        for quotient in 0..<quotients {
            let pixels = quotient * size..<(quotient + 1) * size
            let both = pixels.reduce(0) { $0 + p[$1] * g[$1] }, wanted = pixels.reduce(0) { $0 + g[$1] }
            let predicted = pixels.reduce(0) { $0 + (weights.squares ? p[$1] * p[$1] : p[$1]) }
            let numerator = 2 * both + weights.smoothing, denominator = predicted + wanted + weights.smoothing
            sum += numerator / denominator
            for i in pixels {
                let slope = weights.squares ? 2 * p[i] : 1
                gradient[i] += weight / Double(quotients) * (numerator * slope / (denominator * denominator) - 2 * g[i] / denominator)
            }
        }
        return 1 - sum / Double(quotients)
    }

    private mutating func addCrossEntropy(_ weight: Double) -> Double {
        let foreground = g.reduce(0, +)
        var shares = [1 / Double(p.count), 1 / Double(p.count)]
        if weights.balanced { shares = [Double(p.count) - foreground, foreground].map { 0.5 / max(1, $0) } }
        var sum = 0.0
        for i in p.indices {
            let share = shares[g[i] > 0.5 ? 1 : 0]
            sum -= share * (g[i] * max(-100, log(p[i])) + (1 - g[i]) * max(-100, log(1 - p[i])))
            gradient[i] += weight * share * (p[i] - g[i]) / max(1e-12, p[i] * (1 - p[i]))
        }
        return sum
    }

    private mutating func addEntropy(_ weight: Double) -> Double {
        let count = Double(p.count)
        func slope(_ p: Double) -> Double { -(log(p + 1e-8) + p / (p + 1e-8)) }
        var sum = 0.0
        for i in p.indices {
            sum -= p[i] * log(p[i] + 1e-8)
            if weights.twoClass { sum -= (1 - p[i]) * log(1 - p[i] + 1e-8) }
            gradient[i] += weight / count * (slope(p[i]) - (weights.twoClass ? slope(1 - p[i]) : 0))
        }
        return sum / count
    }

    private mutating func addSpectral(_ weight: Double) -> Double {
        let rows = shape[1], columns = shape[2], count = Double(p.count)
        let transform = (rows: PlainFourier(rows), columns: PlainFourier(columns))
        func spectrum(_ real: ArraySlice<Double>) -> (re: [Double], im: [Double]) {
            let lines = transform.columns.alongRows(Array(real), [Double](repeating: 0, count: map), rows: rows)
            return transform.rows.alongColumns(lines.re, lines.im, columns: columns)
        }
        var sum = 0.0
        for image in 0..<shape[0] {
            let pixels = image * map..<(image + 1) * map
            let predicted = spectrum(p[pixels]), wanted = spectrum(g[pixels])
            var re = predicted.re, im = predicted.im
            for i in 0..<map {
                let size = (re[i] * re[i] + im[i] * im[i]).squareRoot()
                let distance = size - (wanted.re[i] * wanted.re[i] + wanted.im[i] * wanted.im[i]).squareRoot()
                sum += distance * distance
                let factor = size == 0 ? 0 : distance / size
                // Conjugated: a transform forward then is the inverse one's conjugate.
                re[i] *= factor
                im[i] *= -factor
            }
            let lines = transform.columns.alongRows(re, im, rows: rows)
            let back = transform.rows.alongColumns(lines.re, lines.im, columns: columns).re
            for i in 0..<map { gradient[image * map + i] += 2 * weight / count * back[i] }
        }
        return sum / count
    }
}

/// The orthonormal Fourier transform of one length, by its definition.
private struct PlainFourier {
    private let length: Int
    private let cosines: [Double], sines: [Double]

    init(_ length: Int) {
        self.length = length
        let scale = 1 / Double(length).squareRoot()
        cosines = (0..<length).map { cos(2 * Double.pi * Double($0) / Double(length)) * scale }
        sines = (0..<length).map { -sin(2 * Double.pi * Double($0) / Double(length)) * scale }
    }

    func alongRows(_ re: [Double], _ im: [Double], rows: Int) -> (re: [Double], im: [Double]) {
        lines(re, im, count: rows, step: 1, between: length)
    }

    func alongColumns(_ re: [Double], _ im: [Double], columns: Int) -> (re: [Double], im: [Double]) {
        lines(re, im, count: columns, step: columns, between: 1)
    }

    private func lines(_ re: [Double], _ im: [Double], count: Int, step: Int, between: Int) -> (re: [Double], im: [Double]) {
        var outRe = re, outIm = im
        for line in 0..<count {
            let start = line * between
            for k in 0..<length {
                var a = 0.0, b = 0.0, angle = 0
                for i in 0..<length {
                    let x = re[start + i * step], y = im[start + i * step]
                    a += x * cosines[angle] - y * sines[angle]
                    b += x * sines[angle] + y * cosines[angle]
                    angle = (angle + k) % length
                }
                outRe[start + k * step] = a
                outIm[start + k * step] = b
            }
        }
        return (outRe, outIm)
    }
}

extension Backend {
    /// The plain form of `segmentationLoss`.
    func hostSegmentationLoss(_ p: Tensor, _ target: ByteTensor, weights: LossWeights, terms: Tensor, gradient: Tensor?) {
        let loss = HostSegmentationLoss(
            values(p).map(Double.init), target: hostBytes(target).map(Double.init), shape: p.shape, weights: weights)
        func put(_ values: [Float], _ place: Tensor) { values.withUnsafeBufferPointer { upload($0, to: place) } }
        put(LossWeights.Term.allCases.map { Float(loss.parts[$0] ?? 0) }, terms.viewed(as: [LossWeights.Term.allCases.count]))
        if let gradient { put(loss.gradient.map(Float.init), gradient) }
    }

    /// Bytes read back. They travel as float32: a transfer between equal formats copies bits.
    private func hostBytes(_ bytes: ByteTensor) -> [UInt8] {
        let words = Tensor(shape: [(bytes.count + 3) / 4], storage: bytes.storage)
        return values(words).withUnsafeBytes { Array($0.prefix(bytes.count)) }
    }
}

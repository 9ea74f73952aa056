// What collects pixels with their true class: tables, scores, curves, histograms. The loops take buffers; arrays are for convenience.

/// Collects pixels by the probability of foreground and the true class.
public protocol ProbabilityCollector {
    /// - Parameters:
    ///   - probabilities: of foreground, 0 to 1; values outside are clamped, and what is no number counts as 0.
    ///   - truth: not 0 for foreground; as many as probabilities.
    mutating func add(probabilities: UnsafeBufferPointer<Float>, truth: UnsafeBufferPointer<UInt8>)
}

extension ProbabilityCollector {
    public mutating func add(probabilities: [Float], truth: [UInt8]) {
        probabilities.withUnsafeBufferPointer { p in truth.withUnsafeBufferPointer { add(probabilities: p, truth: $0) } }
    }
}

/// Collects pixels by their logit and the true class.
public protocol LogitCollector {
    /// - Parameters:
    ///   - logits: of foreground; as many as true values.
    ///   - truth: not 0 for foreground.
    mutating func add(logits: UnsafeBufferPointer<Float>, truth: UnsafeBufferPointer<UInt8>)
}

extension LogitCollector {
    public mutating func add(logits: [Float], truth: [UInt8]) {
        logits.withUnsafeBufferPointer { z in truth.withUnsafeBufferPointer { add(logits: z, truth: $0) } }
    }
}

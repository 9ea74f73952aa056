// A dense float32 array on a backend, with a place for its gradient. Activations are NHWC or [rows, channels]; views are contiguous.
// Shape letters used everywhere: B batch, H W rows and columns, C channels, L positions, N text tokens, D text width.

/// A contiguous, row-major float32 array. Not thread safe: a tensor belongs to the compute thread.
public final class Tensor {
    public let shape: [Int]
    /// Number of elements.
    public let count: Int
    let storage: Storage
    /// First element, counted in floats from the start of the storage.
    let offset: Int
    /// Whether a backward pass should leave a gradient here.
    public let requiresGradient: Bool
    /// The gradient, same shape; for parameters a view of the flat gradient buffer that is there from the start.
    public internal(set) var gradient: Tensor?

    init(shape: [Int], storage: Storage, offset: Int = 0, requiresGradient: Bool = false) {
        self.shape = shape
        self.count = shape.reduce(1, *)
        self.storage = storage
        self.offset = offset
        self.requiresGradient = requiresGradient
    }

    /// The last dimension.
    public var channels: Int { shape.last ?? 1 }
    /// Product of all dimensions but the last.
    public var rows: Int { channels == 0 ? 0 : count / channels }

    /// Host address of the first element: meaningful for tensors of the CPU backend only.
    var pointer: UnsafeMutablePointer<Float> {
        storage.address.assumingMemoryBound(to: Float.self) + offset
    }

    /// The same elements under another shape of equal count. The view shares storage but not its gradient.
    func viewed(as shape: [Int], from start: Int = 0, requiresGradient: Bool = false) -> Tensor {
        Tensor(shape: shape, storage: storage, offset: offset + start, requiresGradient: requiresGradient)
    }

    /// Rows `range` of the first dimension of a parameter, as a parameter of its own whose gradient is the same rows of this one's.
    public func parameterRows(_ range: Range<Int>) -> Tensor {
        let width = count / shape[0]
        let part = Tensor(
            shape: [range.count] + shape.dropFirst(), storage: storage, offset: offset + range.lowerBound * width,
            requiresGradient: requiresGradient)
        if let gradient {
            part.gradient = Tensor(shape: part.shape, storage: gradient.storage, offset: gradient.offset + range.lowerBound * width)
        }
        return part
    }
}

/// A dense uint8 array on a backend: images, masks, attention masks.
public final class ByteTensor {
    public let shape: [Int]
    public let count: Int
    let storage: Storage

    init(shape: [Int], storage: Storage) {
        self.shape = shape
        self.count = shape.reduce(1, *)
        self.storage = storage
    }

    var pointer: UnsafeMutablePointer<UInt8> { storage.address.assumingMemoryBound(to: UInt8.self) }
}

extension Tensor {
    /// A parameter inside a flat buffer: a view at `start` whose gradient is the same place of `gradients`.
    public func parameterView(_ shape: [Int], at start: Int, gradients: Tensor?) -> Tensor {
        let view = viewed(as: shape, from: start, requiresGradient: gradients != nil)
        view.gradient = gradients?.viewed(as: shape, from: start)
        return view
    }
}

extension Tensor {
    /// Rows of the first dimension as a constant.
    public func viewed(rows: Range<Int>) -> Tensor {
        viewed(as: [rows.count] + shape.dropFirst(), from: rows.lowerBound * (count / shape[0]))
    }
}

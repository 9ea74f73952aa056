// A dense array of float32 or bf16 on a backend, with a place for its gradient. Activations are NHWC or [rows, channels]; views are
// contiguous. Shape letters used everywhere: B batch, H W rows and columns, C channels, L positions, N text tokens, D text width.

/// How a tensor's elements are stored. Sums, statistics and parameters are float32 everywhere; activations and their gradients may be bf16.
public enum NumberFormat: String, Codable, Sendable, CaseIterable {
    case float32 = "fp32"
    case bfloat16 = "bf16"

    var bytes: Int { self == .float32 ? 4 : 2 }
}

/// The place where a tensor's gradient is collected, with what a gradient's shape and format must be: a tensor without its values.
final class GradientSlot {
    let shape: [Int]
    let format: NumberFormat
    /// Whether a backward pass should leave a gradient here.
    let isWanted: Bool
    var gradient: Tensor?

    init(shape: [Int], format: NumberFormat, isWanted: Bool) {
        self.shape = shape
        self.format = format
        self.isWanted = isWanted
    }
}

/// A contiguous, row-major array. Not thread safe: a tensor belongs to the compute thread.
public final class Tensor {
    public let shape: [Int]
    /// Number of elements.
    public let count: Int
    public let format: NumberFormat
    let storage: Storage
    /// First element, counted in elements from the start of the storage.
    let offset: Int
    /// Where the gradient is collected. Backward steps that do not need a tensor's values hold this alone, so that its memory is free again
    /// early.
    let slot: GradientSlot
    /// Whether a backward pass should leave a gradient here.
    public var requiresGradient: Bool { slot.isWanted }
    /// The gradient, same shape; for parameters a view of the flat gradient buffer that is there from the start.
    public internal(set) var gradient: Tensor? {
        get { slot.gradient }
        set { slot.gradient = newValue }
    }
    /// A parameter's value in bf16, kept beside the float32 master for matrix products with bf16 activations; nil where the model computes
    /// in float32.
    public internal(set) var bfloat16Copy: Tensor?

    init(shape: [Int], format: NumberFormat = .float32, storage: Storage, offset: Int = 0, requiresGradient: Bool = false) {
        self.shape = shape
        self.format = format
        self.count = shape.reduce(1, *)
        self.storage = storage
        self.offset = offset
        slot = GradientSlot(shape: shape, format: format, isWanted: requiresGradient)
    }

    /// The last dimension.
    public var channels: Int { shape.last ?? 1 }
    /// Product of all dimensions but the last.
    public var rows: Int { channels == 0 ? 0 : count / channels }

    /// Host address of the first element: meaningful for tensors of the CPU backend only.
    var pointer: UnsafeMutablePointer<Float> {
        precondition(format == .float32, "a bf16 tensor taken for float32")
        return storage.address.assumingMemoryBound(to: Float.self) + offset
    }

    /// Host address of the first element, whatever the format.
    var address: UnsafeMutableRawPointer { storage.address + offset * format.bytes }

    /// The same for bf16 tensors.
    var halfPointer: UnsafeMutablePointer<UInt16> {
        precondition(format == .bfloat16, "a float32 tensor taken for bf16")
        return storage.address.assumingMemoryBound(to: UInt16.self) + offset
    }

    /// The same elements under another shape of equal count. The view shares storage but not its gradient.
    func viewed(as shape: [Int], from start: Int = 0, requiresGradient: Bool = false) -> Tensor {
        Tensor(shape: shape, format: format, storage: storage, offset: offset + start, requiresGradient: requiresGradient)
    }

    /// Rows `range` of the first dimension of a parameter, as a view; its gradient accumulates into the same rows of this parameter's
    /// gradient.
    public func parameterRows(_ range: Range<Int>) -> Tensor {
        let width = count / shape[0]
        let part = Tensor(
            shape: [range.count] + shape.dropFirst(), format: format, storage: storage, offset: offset + range.lowerBound * width,
            requiresGradient: requiresGradient)
        part.bfloat16Copy = bfloat16Copy?.viewed(rows: range)
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
    /// A parameter inside a flat buffer: a view at `start` whose gradient, and value in bf16, are the same places of `gradients` and
    /// `bfloat16Copy`.
    public func parameterView(_ shape: [Int], at start: Int, gradients: Tensor?, bfloat16Copy: Tensor? = nil) -> Tensor {
        let view = viewed(as: shape, from: start, requiresGradient: gradients != nil)
        view.gradient = gradients?.viewed(as: shape, from: start)
        view.bfloat16Copy = bfloat16Copy?.viewed(as: shape, from: start)
        return view
    }
}

extension Tensor {
    /// Rows of the first dimension as a constant.
    public func viewed(rows: Range<Int>) -> Tensor {
        viewed(as: [rows.count] + shape.dropFirst(), from: rows.lowerBound * (count / shape[0]))
    }
}

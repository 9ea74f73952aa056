// All parameters of a model in one flat buffer (and their gradients in another), so that the optimizer, the gradient reset and a checkpoint
// are single passes. Each parameter has its published name. In memory it has the backend's layout (NHWC kernels), in files the published
// one.
import Tensors

/// The layouts of a parameter in files and in memory.
public enum ParameterLayout: Sendable, Equatable {
    /// The same in both.
    case plain
    /// Convolution: file [O, I, k, k], memory [O, k, k, I].
    case convolution
    /// Depthwise convolution: file [C, 1, k, k], memory [k*k, C].
    case depthwise
    /// Depthwise 1-D convolution: file [C, 1, k], memory [k, C].
    case depthwise1D
    /// Convolution of kernel 1 whose channels are positions: file [O, I, 1], memory [O, I].
    case positions
    /// Transposed convolution: file [I, O, k, k], memory [I, k, k, O].
    case transposed
    /// The last dimension is the 2x2 pixels of a patch with their channels: column by column in the file, row by row in memory.
    case columnPatches

    /// The memory shape for a file shape.
    func memoryShape(_ s: [Int]) -> [Int] {
        switch self {
        case .plain: s.isEmpty ? [1] : s
        case .columnPatches: s
        case .convolution: [s[0], s[2], s[3], s[1]]
        case .depthwise: [s[2] * s[3], s[0]]
        case .depthwise1D: [s[2], s[0]]
        case .positions: [s[0], s[1]]
        case .transposed: [s[0], s[2], s[3], s[1]]
        }
    }

    /// For every element in memory order, its index in file order; nil if the orders are the same.
    private func order(_ s: [Int]) -> (outer: Int, middle: Int, inner: Int, block: Int)? {
        switch self {
        case .plain, .positions: nil
        // [outer, middle, inner, block] in the file is [outer, inner, middle, block] in memory.
        case .convolution, .transposed: (s[0], s[1], s[2] * s[3], 1)
        case .depthwise: (1, s[0], s[2] * s[3], 1)
        case .depthwise1D: (1, s[0], s[2], 1)
        case .columnPatches: (s.dropLast().reduce(1, *), 2, 2, (s.last ?? 0) / 4)
        }
    }

    /// Values in file order, rearranged to memory order.
    func toMemory(_ values: [Float], fileShape: [Int]) -> [Float] {
        guard let (outer, middle, inner, block) = order(fileShape) else { return values }
        return ParameterLayout.transposed(values, outer: outer, rows: middle, columns: inner, block: block)
    }

    /// Elements in one step of the outermost dimension that both orders share.
    func rowLength(_ fileShape: [Int]) -> Int { order(fileShape).map { $0.middle * $0.inner * $0.block } ?? 1 }

    /// The same for a number of whole rows.
    func toMemory(_ values: [Float], rows: Int, of fileShape: [Int]) -> [Float] {
        guard let (_, middle, inner, block) = order(fileShape) else { return values }
        return ParameterLayout.transposed(values, outer: rows, rows: middle, columns: inner, block: block)
    }

    /// Values in memory order, rearranged to file order.
    func toFile(_ values: [Float], fileShape: [Int]) -> [Float] {
        guard let (outer, middle, inner, block) = order(fileShape) else { return values }
        return ParameterLayout.transposed(values, outer: outer, rows: inner, columns: middle, block: block)
    }

    /// Swaps rows and columns in each of `outer` matrices of blocks.
    private static func transposed(_ values: [Float], outer: Int, rows: Int, columns: Int, block: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: values.count) { result, count in
            for o in 0..<outer {
                let base = o * rows * columns
                for r in 0..<rows {
                    for c in 0..<columns {
                        let to = (base + c * rows + r) * block, from = (base + r * columns + c) * block
                        for e in 0..<block { result[to + e] = values[from + e] }
                    }
                }
            }
            count = values.count
        }
    }
}

/// One entry of a model: a parameter, or a buffer that is saved with it but not trained.
public struct ParameterInfo: Sendable {
    public enum Role: Sendable, Equatable {
        /// Trained by the optimizer.
        case trained
        /// Running statistics: saved, updated in training, without a gradient.
        case statistic
        /// In published checkpoints, but unused: kept as loaded.
        case unused
    }
    public let name: String
    /// Shape in files; [] for a scalar.
    public let fileShape: [Int]
    public let layout: ParameterLayout
    public let role: Role
    let initialisation: Initialisation
    /// First element in the flat buffer of its role, a multiple of 16.
    let offset: Int

    public var count: Int { fileShape.reduce(1, *) }
    public var memoryShape: [Int] { layout.memoryShape(fileShape) }
}

/// A parameter of a layer: a place in a store, valid once the store is built.
public struct Parameter {
    let store: ParameterStore
    let index: Int
    /// The value, with its gradient if the store trains.
    public var tensor: Tensor { store.tensors[index] }
}

/// The parameters and buffers of one model. Layers declare entries first; `build` then lays them out and initialises them.
public final class ParameterStore {
    public private(set) var entries: [ParameterInfo] = []
    /// One tensor per entry, views of the flat buffers. Empty until `build`.
    public private(set) var tensors: [Tensor] = []
    /// All trained values and their gradients, padded with zeros between entries.
    public private(set) var values: Tensor
    public private(set) var gradients: Tensor?
    /// All values that are not trained.
    private var buffers: Tensor
    /// The bf16 copy of the trained values, for products with bf16 activations; nil if activations are float32. `set` and the optimizer
    /// keep it up to date.
    public private(set) var bfloat16Copy: Tensor?
    public let backend: any Backend
    private var seed: UInt64 = 0
    private var indices: [String: Int] = [:]
    private var length: [Bool: Int] = [true: 0, false: 0]

    public init(backend: any Backend) {
        self.backend = backend
        values = backend.zeros([1])
        buffers = values
    }

    /// Declares an entry.
    func declare(
        _ name: String, _ shape: [Int], layout: ParameterLayout = .plain, role: ParameterInfo.Role = .trained,
        _ initialisation: Initialisation
    ) -> Parameter {
        precondition(indices[name] == nil && tensors.isEmpty, "parameter \(name) declared twice or after the store was built")
        let trained = role == .trained
        let offset = length[trained, default: 0]
        let info = ParameterInfo(
            name: name, fileShape: shape, layout: layout, role: role, initialisation: initialisation, offset: offset)
        // Every entry starts on a cache line, so that views are aligned for the vector kernels.
        length[trained] = offset + (info.count + 15) / 16 * 16
        indices[name] = entries.count
        entries.append(info)
        return Parameter(store: self, index: entries.count - 1)
    }

    /// The same for a network under construction.
    func build(_ setup: ModelSetup) {
        guard setup.builds else { return }
        build(seed: setup.seed, trains: setup.trains, activations: setup.activations, initialises: setup.initialises)
    }

    /// Allocates everything, with gradients if it `trains`, and initialises it unless a file or `initialise` will do so.
    /// `activations`: the format of the activations that the weights are multiplied with.
    package func build(seed: UInt64, trains: Bool, activations: NumberFormat = .float32, initialises: Bool = true) {
        self.seed = seed
        values = backend.zeros([max(1, length[true, default: 0])])
        buffers = backend.zeros([max(1, length[false, default: 0])])
        gradients = trains ? backend.zeros([values.count]) : nil
        bfloat16Copy = activations == .float32 ? nil : backend.zeros([values.count], format: activations)
        tensors = entries.map { info in
            let trained = info.role == .trained
            return (trained ? values : buffers).parameterView(
                info.memoryShape, at: info.offset, gradients: trained ? gradients : nil, bfloat16Copy: trained ? bfloat16Copy : nil)
        }
        if initialises { initialise() }
    }

    /// Gives entries the values of the published initialisation, a function of the seed and the name.
    /// - Parameter loaded: entries that were loaded from a file and keep their value.
    public func initialise(except loaded: Set<String> = []) {
        for (index, info) in entries.enumerated() where !loaded.contains(info.name) {
            // The largest weights are made in pieces: the process would keep the memory of arrays as large as the weights.
            let row = info.layout.rowLength(info.fileShape), rows = max(1, Self.piece / max(1, row) / 2 * 2)
            guard info.initialisation.hasParts, rows * row % 2 == 0, rows * row < info.count else {
                set(info.name, info.initialisation.values(for: info, seed: seed))
                continue
            }
            let whole = info.role == .trained ? values : buffers
            for first in stride(from: 0, to: info.count, by: rows * row) {
                let part = first..<min(info.count, first + rows * row)
                let inMemory = info.layout.toMemory(
                    info.initialisation.values(for: info, seed: seed, part: part), rows: part.count / row, of: info.fileShape)
                inMemory.withUnsafeBufferPointer {
                    backend.upload($0, to: whole.parameterView([part.count], at: info.offset + first, gradients: nil, bfloat16Copy: nil))
                }
            }
            refreshHalf(of: tensors[index])
        }
    }

    /// Number of initial values made at a time.
    private static let piece = 1 << 18

    public func info(_ name: String) -> ParameterInfo? { indices[name].map { entries[$0] } }
    public func tensor(_ name: String) -> Tensor? { indices[name].map { tensors[$0] } }

    /// Replaces an entry's value; `values` in file order.
    public func set(_ name: String, _ values: [Float]) {
        guard let index = indices[name] else { return }
        let info = entries[index]
        precondition(values.count == info.count, "\(name): \(values.count) values for \(info.fileShape)")
        info.layout.toMemory(values, fileShape: info.fileShape).withUnsafeBufferPointer { backend.upload($0, to: tensors[index]) }
        refreshHalf(of: tensors[index])
    }

    /// Updates the bf16 copy of a value, if it has one.
    func refreshHalf(of tensor: Tensor) {
        if let copy = tensor.bfloat16Copy { backend.convert(tensor, into: copy) }
    }

    /// An entry's value in file order.
    public func value(_ name: String) -> [Float]? {
        guard let index = indices[name] else { return nil }
        let info = entries[index]
        return info.layout.toFile(backend.values(tensors[index]), fileShape: info.fileShape)
    }

    /// A trained entry's gradient in file order.
    public func gradient(_ name: String) -> [Float]? {
        guard let index = indices[name], let gradient = tensors[index].gradient else { return nil }
        let info = entries[index]
        return info.layout.toFile(backend.values(gradient), fileShape: info.fileShape)
    }

    /// Number of trained values (without padding).
    public var trainedCount: Int { entries.filter { $0.role == .trained }.reduce(0) { $0 + $1.count } }
}

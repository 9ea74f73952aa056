// Matrix products by cuBLASLt; the plan for each shape is kept. Row-major matrices are passed as the transposes of column-major ones.
import CCUDA

/// The key of a plan.
struct DeviceProduct: Hashable {
    let m: Int, n: Int, k: Int
    let transposedA: Bool, transposedB: Bool
    let strideA: Int, strideB: Int, strideC: Int
    let formatA: NumberFormat, formatC: NumberFormat
    let accumulates: Bool, hasBias: Bool
    /// Number of matrices, and their distances in elements (0: the same matrix each time).
    var batch = 1, batchStrideA = 0, batchStrideB = 0, batchStrideC = 0
    /// Float32 operands are multiplied in float32, whatever the options say.
    var isExact = false
}

final class ProductLibrary {
    static let workspaceBytes = 64 << 20

    /// Constants of cublasLt.h and library_types.h.
    private enum Name {
        static let float32: Int32 = 0, bfloat16: Int32 = 14
        static let compute32: Int32 = 68, computeTF32: Int32 = 77
        static let transposeA: Int32 = 3, transposeB: Int32 = 4, epilogue: Int32 = 7, biasPointer: Int32 = 8
        static let epilogueBias: Int32 = 4
        static let batchCount: Int32 = 5, batchOffset: Int32 = 6
        static let workspaceLimit: Int32 = 1, alignments: [Int32] = [5, 6, 7, 8]
        static let reductionSchemes: Int32 = 3
    }

    private struct Key: Hashable {
        let product: DeviceProduct
        /// Per address, the largest power of two that divides it, up to 256; for the three addresses.
        let alignment: [Int]
    }

    private let device: CUDADevice
    private let functions: vlseg_cuda_products
    private let handle: vlseg_handle
    private let workspace: Storage
    /// Memory for the results of trials.
    private let scratch: Arena
    private let options: CUDAOptions
    private var plans: [Key: Plan] = [:]
    let version: String

    init(_ device: CUDADevice, workspace: Storage, scratch: Arena, options: CUDAOptions) throws(BackendError) {
        self.device = device
        self.workspace = workspace
        self.scratch = scratch
        self.options = options
        let library = try device.driver.platform.open(.products, release: device.driver.release)
        functions = try device.driver.platform.table(of: library, "cuBLASLt", vlseg_cuda_load_products)
        var handle: vlseg_handle?
        let status = functions.cublasLtCreate(&handle)
        guard status == 0, let handle else {
            throw .deviceUnavailable(
                "\(device.info.name): cuBLASLt could not start, status \(status); libraries of another CUDA release than the driver's?")
        }
        self.handle = handle
        let number = functions.cublasLtGetVersion()
        version = "\(number / 10_000).\(number % 10_000 / 100).\(number % 100)"
    }

    deinit { _ = functions.cublasLtDestroy(handle) }

    /// c = op(a) op(b) (+ c) (+ bias in every row), all in device memory; the bias has c's format.
    func run(_ product: DeviceProduct, a: UInt64, b: UInt64, c: UInt64, bias: UInt64 = 0) {
        guard device.failure == nil, product.m > 0, product.n > 0, product.batch > 0 else { return }
        let key = Key(product: product, alignment: [b, a, c].map { 1 << min($0.trailingZeroBitCount, 8) })
        let plan = plans[key] ?? makePlan(key, Operands(a: a, b: b, c: c, bias: bias))
        plans[key] = plan
        guard let plan else { return }
        note(multiply(plan, plan.choice, product, Operands(a: a, b: b, c: c, bias: bias), into: c), "a product", product)
    }

    /// Addresses.
    private struct Operands { let a: UInt64, b: UInt64, c: UInt64, bias: UInt64 }

    private func multiply(_ plan: Plan, _ choice: vlseg_product_choice, _ product: DeviceProduct, _ o: Operands, into d: UInt64) -> Int32 {
        var alpha: Float = 1, beta: Float = product.accumulates ? 1 : 0
        if product.hasBias { plan.set(Name.biasPointer, o.bias) }
        var choice = choice
        return functions.cublasLtMatmul(
            handle, plan.descriptor, &alpha, o.b, plan.layouts[0], o.a, plan.layouts[1], &beta, o.c, plan.layouts[2], d, plan.layouts[2],
            &choice.algorithm, workspace.deviceAddress, choice.workspace_bytes, device.stream)
    }

    private func note(_ status: Int32, _ call: String, _ p: DeviceProduct) {
        if status == 0 { return }
        device.note(
            .deviceFailed(
                device: device.info.name, call: "cuBLASLt",
                reason: "\(call) of \(p.m)x\(p.k) and \(p.k)x\(p.n) in \(p.formatA.rawValue) failed with status \(status)"))
    }

    private func makePlan(_ key: Key, _ operands: Operands) -> Plan? {
        let p = key.product
        func type(_ format: NumberFormat) -> Int32 { format == .float32 ? Name.float32 : Name.bfloat16 }
        let compute = p.formatA == .float32 && options.allowsTF32 && !p.isExact ? Name.computeTF32 : Name.compute32
        guard let plan = Plan(functions, compute: compute, scale: Name.float32) else {
            note(3, "the description", p)
            return nil
        }
        // The library's first operand is our b: its column-major matrix is the transpose of our row-major one.
        plan.set(Name.transposeA, Int32(p.transposedB ? 1 : 0))
        plan.set(Name.transposeB, Int32(p.transposedA ? 1 : 0))
        if p.hasBias { plan.set(Name.epilogue, Name.epilogueBias) }
        let shapes = [
            (type(p.formatA), p.transposedB ? p.k : p.n, p.transposedB ? p.n : p.k, p.strideB, p.batchStrideB),
            (type(p.formatA), p.transposedA ? p.m : p.k, p.transposedA ? p.k : p.m, p.strideA, p.batchStrideA),
            (type(p.formatC), p.n, p.m, p.strideC, p.batchStrideC),
        ]
        for (type, rows, columns, stride, batchStride) in shapes {
            guard plan.addLayout(type, rows, columns, stride) else {
                note(3, "a layout", p)
                return nil
            }
            if p.batch > 1 {
                plan.setLayout(Name.batchCount, Int32(p.batch))
                plan.setLayout(Name.batchOffset, Int64(batchStride))
            }
        }
        let status = choose(plan, key, operands)
        note(status, "choosing an algorithm for a product", p)
        return status == 0 ? plan : nil
    }

    /// The fastest of the library's proposals, timed on these operands. The first proposal if results must not depend on timing.
    private func choose(_ plan: Plan, _ key: Key, _ operands: Operands) -> Int32 {
        var preference: vlseg_handle?
        guard functions.cublasLtMatmulPreferenceCreate(&preference) == 0 else { return 3 }
        defer { _ = functions.cublasLtMatmulPreferenceDestroy(preference) }
        var limit = ProductLibrary.workspaceBytes
        _ = functions.cublasLtMatmulPreferenceSetAttribute(preference, Name.workspaceLimit, &limit, MemoryLayout<Int>.size)
        for (name, bytes) in zip(Name.alignments, key.alignment + [key.alignment[2]]) {
            var value = UInt32(bytes)
            _ = functions.cublasLtMatmulPreferenceSetAttribute(preference, name, &value, 4)
        }
        var results = [vlseg_product_choice](repeating: vlseg_product_choice(), count: 8)
        var found: Int32 = 0
        let status = functions.cublasLtMatmulAlgoGetHeuristic(
            handle, plan.descriptor, plan.layouts[0], plan.layouts[1], plan.layouts[2], plan.layouts[2], preference, 8, &results, &found)
        guard status == 0 else { return status }
        let proposals = results.prefix(Int(found)).filter { $0.status == 0 }
        guard let first = proposals.first else { return 15 }
        plan.choice = first
        guard !options.isDeterministic, proposals.count > 1 else { return 0 }
        let p = key.product
        let elements = p.batchStrideC * (p.batch - 1) + p.strideC * (p.m - 1) + p.n
        let result = scratch.block(bytes: elements * p.formatC.bytes)
        let best = device.fastest(of: proposals.count) { multiply(plan, proposals[$0], p, operands, into: result.deviceAddress) == 0 }
        if let best { plan.choice = proposals[best] }
        return 0
    }

    /// The descriptors of one product, and the chosen algorithm.
    private final class Plan {
        private let functions: vlseg_cuda_products
        let descriptor: vlseg_handle
        private(set) var layouts: [vlseg_handle] = []
        var choice = vlseg_product_choice()

        init?(_ functions: vlseg_cuda_products, compute: Int32, scale: Int32) {
            self.functions = functions
            var descriptor: vlseg_handle?
            guard functions.cublasLtMatmulDescCreate(&descriptor, compute, scale) == 0, let descriptor else { return nil }
            self.descriptor = descriptor
        }

        func set<Value: BitwiseCopyable>(_ attribute: Int32, _ value: Value) {
            withUnsafeBytes(of: value) { _ = functions.cublasLtMatmulDescSetAttribute(descriptor, attribute, $0.baseAddress, $0.count) }
        }

        func addLayout(_ type: Int32, _ rows: Int, _ columns: Int, _ stride: Int) -> Bool {
            var layout: vlseg_handle?
            guard functions.cublasLtMatrixLayoutCreate(&layout, type, UInt64(rows), UInt64(columns), Int64(stride)) == 0, let layout else {
                return false
            }
            layouts.append(layout)
            return true
        }

        func setLayout<Value: BitwiseCopyable>(_ attribute: Int32, _ value: Value) {
            guard let layout = layouts.last else { return }
            withUnsafeBytes(of: value) { _ = functions.cublasLtMatrixLayoutSetAttribute(layout, attribute, $0.baseAddress, $0.count) }
        }

        deinit {
            for layout in layouts { _ = functions.cublasLtMatrixLayoutDestroy(layout) }
            _ = functions.cublasLtMatmulDescDestroy(descriptor)
        }
    }
}

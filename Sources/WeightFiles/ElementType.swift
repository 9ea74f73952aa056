// The number types of weight files, their sizes and their names in the safetensors format.
// Not for converting them to Float (FloatConversion.swift).

/// The number type of a stored tensor's elements.
public enum ElementType: Sendable, Hashable, CaseIterable {
    case bool, uint8, int8, float8E5M2, float8E4M3
    case int16, uint16, float16, bfloat16
    case int32, uint32, float32, complex64
    case float64, int64, uint64

    /// The size of one element in bytes.
    public var byteCount: Int {
        switch self {
        case .bool, .uint8, .int8, .float8E5M2, .float8E4M3: 1
        case .int16, .uint16, .float16, .bfloat16: 2
        case .int32, .uint32, .float32: 4
        case .complex64, .float64, .int64, .uint64: 8
        }
    }

    /// Whether the type is one of the real floating-point types.
    public var isFloatingPoint: Bool {
        switch self {
        case .float8E5M2, .float8E4M3, .float16, .bfloat16, .float32, .float64: true
        default: false
        }
    }

    /// Whether the type is an integer or boolean type.
    public var isInteger: Bool { !isFloatingPoint && self != .complex64 }

    /// The type's name in a safetensors header.
    public var safetensorsName: String {
        switch self {
        case .bool: "BOOL"
        case .uint8: "U8"
        case .int8: "I8"
        case .float8E5M2: "F8_E5M2"
        case .float8E4M3: "F8_E4M3"
        case .int16: "I16"
        case .uint16: "U16"
        case .float16: "F16"
        case .bfloat16: "BF16"
        case .int32: "I32"
        case .uint32: "U32"
        case .float32: "F32"
        case .complex64: "C64"
        case .float64: "F64"
        case .int64: "I64"
        case .uint64: "U64"
        }
    }

    /// The type that a safetensors header names, or nil if the name is unknown.
    public init?(safetensorsName: String) {
        guard let type = Self.allCases.first(where: { $0.safetensorsName == safetensorsName }) else { return nil }
        self = type
    }
}

/// What a weight file states about one tensor: its name, shape and number type; not its values.
public struct WeightEntry: Sendable, Hashable {
    public let name: String
    /// Sizes, outermost first; empty for a scalar.
    public let shape: [Int]
    public let type: ElementType

    public init(name: String, shape: [Int], type: ElementType) {
        self.name = name
        self.shape = shape
        self.type = type
    }

    /// The product of the sizes. Opening a file checks that the byte size of every shape fits an Int.
    public var elementCount: Int { shape.reduce(1, &*) }
}

/// The product of the sizes and one factor, or nil if a size is negative or the product overflows.
func checkedProduct(_ shape: [Int], times factor: Int) -> Int? {
    // A size of zero makes the product zero, even if the other sizes would overflow.
    if shape.contains(where: { $0 < 0 }) { return nil }
    if shape.contains(0) { return 0 }
    var product = factor
    for size in shape {
        let (value, overflow) = product.multipliedReportingOverflow(by: size)
        if overflow { return nil }
        product = value
    }
    return product
}

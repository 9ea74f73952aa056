// Converts stored numbers to Float32. Every narrower float type converts exactly; float64 and wide integers round to nearest, ties to even,
// like a cast. Bytes are little-endian, as both formats store them, and need no alignment.

enum FloatConversion {
    /// Converts `count` contiguous elements of `type` starting at `source` and writes them to `destination`.
    /// Complex numbers have no float value: false is returned and nothing is written. Callers refuse them before.
    static func convert(
        _ source: UnsafeRawPointer, type: ElementType, count: Int, into destination: UnsafeMutablePointer<Float>
    ) -> Bool {
        switch type {
        case .float32:
            UnsafeMutableRawPointer(destination).copyMemory(from: source, byteCount: count * 4)
        case .float16:
            each(source, UInt16.self, count, destination) { float(half: UInt16(littleEndian: $0)) }
        case .bfloat16:
            each(source, UInt16.self, count, destination) { Float(bitPattern: UInt32(UInt16(littleEndian: $0)) << 16) }
        case .float64:
            each(source, UInt64.self, count, destination) { Float(Double(bitPattern: UInt64(littleEndian: $0))) }
        case .float8E5M2:
            each(source, UInt8.self, count, destination) { float(half: UInt16($0) << 8) }
        case .float8E4M3:
            each(source, UInt8.self, count, destination) { float(e4m3: $0) }
        case .bool:
            each(source, UInt8.self, count, destination) { $0 == 0 ? 0 : 1 }
        case .uint8: each(source, UInt8.self, count, destination) { Float($0) }
        case .int8: each(source, Int8.self, count, destination) { Float($0) }
        case .int16: each(source, Int16.self, count, destination) { Float(Int16(littleEndian: $0)) }
        case .uint16: each(source, UInt16.self, count, destination) { Float(UInt16(littleEndian: $0)) }
        case .int32: each(source, Int32.self, count, destination) { Float(Int32(littleEndian: $0)) }
        case .uint32: each(source, UInt32.self, count, destination) { Float(UInt32(littleEndian: $0)) }
        case .int64: each(source, Int64.self, count, destination) { Float(Int64(littleEndian: $0)) }
        case .uint64: each(source, UInt64.self, count, destination) { Float(UInt64(littleEndian: $0)) }
        case .complex64: return false
        }
        return true
    }

    /// One integer or boolean element as Int64, or nil for another type or a value beyond Int64.
    static func integer(_ source: UnsafeRawPointer, type: ElementType) -> Int64? {
        switch type {
        case .bool: source.loadUnaligned(as: UInt8.self) == 0 ? 0 : 1
        case .uint8: Int64(source.loadUnaligned(as: UInt8.self))
        case .int8: Int64(source.loadUnaligned(as: Int8.self))
        case .int16: Int64(Int16(littleEndian: source.loadUnaligned(as: Int16.self)))
        case .uint16: Int64(UInt16(littleEndian: source.loadUnaligned(as: UInt16.self)))
        case .int32: Int64(Int32(littleEndian: source.loadUnaligned(as: Int32.self)))
        case .uint32: Int64(UInt32(littleEndian: source.loadUnaligned(as: UInt32.self)))
        case .int64: Int64(littleEndian: source.loadUnaligned(as: Int64.self))
        case .uint64: Int64(exactly: UInt64(littleEndian: source.loadUnaligned(as: UInt64.self)))
        default: nil
        }
    }

    @inline(__always)
    private static func each<Stored: BitwiseCopyable>(
        _ source: UnsafeRawPointer, _: Stored.Type, _ count: Int, _ destination: UnsafeMutablePointer<Float>,
        _ value: (Stored) -> Float
    ) {
        let stride = MemoryLayout<Stored>.size
        for index in 0..<count {
            destination[index] = value(source.loadUnaligned(fromByteOffset: index * stride, as: Stored.self))
        }
    }

    /// IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits.
    @inline(__always)
    static func float(half bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10) & 0x1f
        let fraction = UInt32(bits & 0x3ff)
        if exponent == 0 {
            // Zero or subnormal: fraction * 2^-24, exact in Float.
            let magnitude = Float(fraction) * 0x1p-24
            return Float(bitPattern: magnitude.bitPattern | sign)
        }
        let wide: UInt32 = exponent == 0x1f ? 0xff : exponent + 112
        return Float(bitPattern: sign | wide << 23 | fraction << 13)
    }

    /// The "fn" 8-bit float of PyTorch and safetensors: 1 sign, 4 exponent (bias 7), 3 fraction bits; no infinity, 0x7f and 0xff are NaN.
    static func float(e4m3 bits: UInt8) -> Float {
        let sign: Float = bits & 0x80 == 0 ? 1 : -1
        let exponent = Int(bits >> 3) & 0xf
        let fraction = Float(bits & 0x7)
        if bits & 0x7f == 0x7f { return .nan }
        if exponent == 0 { return sign * fraction * 0x1p-9 }
        return sign * Float(sign: .plus, exponent: exponent - 7, significand: 1 + fraction / 8)
    }
}

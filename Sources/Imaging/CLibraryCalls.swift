// The two patterns of calling the C decoders: with a message buffer for the reason of a failure, and with an array that the C side fills.
// The unsafe pointers of these calls are all in this file.

/// Calls `body` with a buffer for an error message; returns the message if `body` returns non-zero.
func callingC(messageSize: Int, _ body: (UnsafeMutablePointer<CChar>) -> Int32) -> (status: Int32, message: String) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: messageSize) { buffer in
        buffer.initialize(repeating: 0)
        guard let base = buffer.baseAddress else { return (1, "no memory for a message") }
        let status = body(base)
        let text = UnsafeRawBufferPointer(buffer).prefix { $0 != 0 }
        return (status, String(decoding: text, as: UTF8.self))
    }
}

/// An array of `count` values that `body` writes completely. If `body` failed, the caller discards the array.
func valuesFilledByC<Value: FixedWidthInteger>(count: Int, _ body: (UnsafeMutablePointer<Value>) -> Void) -> [Value] {
    [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
        guard let base = buffer.baseAddress else { return }
        body(base)
        initialized = count
    }
}

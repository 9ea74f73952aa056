// SHA-256 of bytes that arrive in pieces. Not for secrets. Not for use by several threads at once.
import CHash

public final class SHA256Stream {
    private var state: OpaquePointer?
    private var failed = false

    public init() { state = vlseg_sha256_start() }

    deinit { _ = finish() }

    public func update(_ bytes: UnsafeRawBufferPointer) {
        guard let state, let start = bytes.baseAddress else { return }
        if vlseg_sha256_update(state, start, bytes.count) != 1 { failed = true }
    }

    public func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The digest in lower-case hexadecimal; nil if the library failed (no memory) or the method is called a second time.
    public func finish() -> String? {
        guard let state else { return nil }
        self.state = nil
        var out = [UInt8](repeating: 0, count: 32)
        let good = vlseg_sha256_finish(state, &out) == 1
        return good && !failed ? Digest.hexadecimal(out[...]) : nil
    }
}

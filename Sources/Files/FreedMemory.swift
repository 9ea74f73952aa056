// What happens to freed memory. For programs that allocate and free the same large buffers repeatedly; not for long-lived programs that
// must return memory to the system.
import CMemory

public enum FreedMemory {
    /// Keeps freed buffers of up to 32 MB in the process and reuses them. By default the C library returns each buffer to the system, which
    /// zeroes its pages before it hands them out again; that takes a twentieth of the time of sharding. Applies to glibc; other C libraries
    /// may ignore it.
    public static func keep() {
        vlmem_keep_freed(32 << 20)
    }
}

// What happens to freed memory. For programs that take and free the same large buffers over and over; not for long-lived ones that must
// give memory back.
import CMemory

public enum FreedMemory {
    /// Keeps freed buffers of up to 32 MB in the process for the next ones of their kind. By default the C library returns each to the
    /// system, which then hands out zeroed pages again: a twentieth of the time of sharding. Other C libraries than glibc do as they
    /// please.
    public static func keep() {
        vlmem_keep_freed(32 << 20)
    }
}

// A GPU's memory as an arena's source. Address space is reserved once and physical memory is mapped into it piece by piece, so that the
// arena's ranges are contiguous.
import CCUDA

final class DeviceMemory: MemorySource {
    private let device: CUDADevice
    private var pieces: [(start: UInt64, bytes: Int, memory: UInt64)] = []
    /// Bytes that were requested but could not be allocated. Addresses are still handed out, so that the memory of a step that does not fit
    /// can be counted to its end (nothing runs on the device any more). The arena's peak is then the memory that the step needs.
    private(set) var refusedBytes = 0

    init(_ device: CUDADevice) { self.device = device }

    func reserve(atLeast least: Int, multipleOf unit: Int) -> (start: UnsafeMutableRawPointer, bytes: Int) {
        // Several times the GPU's memory: address space to count a step that does not fit.
        let bytes = max(least, device.info.memory * 4 / unit * unit)
        var address: UInt64 = 0
        device.note(device.functions.cuMemAddressReserve(&address, bytes, 0, 0, 0), "cuMemAddressReserve")
        guard let start = UnsafeMutableRawPointer(bitPattern: UInt(address)) else {
            // The failure is noted, so nothing will access these addresses.
            return HostMemory().reserve(atLeast: bytes, multipleOf: unit)
        }
        return (start, bytes)
    }

    func makeUsable(_ start: UnsafeMutableRawPointer, bytes: Int, for wanted: Int) {
        guard device.failure == nil else {
            refusedBytes += bytes
            return
        }
        let f = device.functions, address = UInt64(UInt(bitPattern: start))
        var kind = vlseg_memory_kind(type: 1, handle_types: 0, location: 1, device: Int32(device.info.ordinal), reserved: nil, flags: 0)
        var memory: UInt64 = 0
        let status = f.cuMemCreate(&memory, bytes, &kind, 0)
        guard status == 0 else {
            refusedBytes += bytes
            if status == 2 {
                var free = 0, total = 0
                _ = f.cuMemGetInfo_v2(&free, &total)
                return device.note(.outOfMemory(wanted: wanted, free: free, step: 0, availableToSteps: free, total: total))
            }
            return device.note(status, "cuMemCreate")
        }
        device.note(f.cuMemMap(address, bytes, 0, memory, 0), "cuMemMap")
        var access = vlseg_memory_access(location: 1, device: Int32(device.info.ordinal), access: 3)
        device.note(f.cuMemSetAccess(address, bytes, &access, 1), "cuMemSetAccess")
        pieces.append((address, bytes, memory))
    }

    func release(_ start: UnsafeMutableRawPointer, bytes: Int) {
        let f = device.functions, first = UInt64(UInt(bitPattern: start))
        _ = f.cuStreamSynchronize(device.stream)
        for piece in pieces where piece.start >= first && piece.start < first + UInt64(bytes) {
            _ = f.cuMemUnmap(piece.start, piece.bytes)
            _ = f.cuMemRelease(piece.memory)
        }
        pieces.removeAll { $0.start >= first && $0.start < first + UInt64(bytes) }
        _ = f.cuMemAddressFree(first, bytes)
    }
}

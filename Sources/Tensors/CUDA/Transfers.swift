// Transfers between host memory and GPU memory. Uploads use pinned memory and a stream of their own, so that a batch is uploaded while the
// previous one is computed.
import CCUDA

final class Transfers {
    /// Number of uploads that may overlap: two batches of images, masks and text, and the step's variables.
    private static let slots = 8
    /// Longer uploads are split into pieces of this size.
    private static let pieceBytes = 1 << 25

    private let device: CUDADevice
    /// GPU memory for uploads in progress. It is separate from tensors' memory, because its lifetime follows another stream.
    private let arena: Arena
    private var staging: [Staging] = []
    private var next = 0
    private var results: [PinnedMemory] = []

    init(_ device: CUDADevice, memory: DeviceMemory) {
        self.device = device
        arena = Arena(source: memory, alignment: 256)
    }

    /// Uploads bytes to an address. The caller may reuse the bytes at once; later work on the device sees the upload.
    func upload(_ bytes: UnsafeRawBufferPointer, to address: UInt64) {
        guard device.failure == nil, let base = bytes.baseAddress else { return }
        // A recorded step's inputs must be uploaded before the recording.
        guard !device.isRecording else { return device.note(900, "an upload inside a recorded step") }
        for start in stride(from: 0, to: bytes.count, by: Self.pieceBytes) {
            let count = min(Self.pieceBytes, bytes.count - start)
            let slot = freeSlot(bytes: count)
            guard device.failure == nil else { return }
            slot.pinned.copyMemory(from: base + start, bytes: count)
            let f = device.functions
            device.note(f.cuMemcpyHtoDAsync_v2(slot.address, slot.pinned.address, count, device.copies), "copying to the GPU")
            slot.arrived.record(in: device.copies)
            slot.arrived.hold(device.stream)
            device.note(f.cuMemcpyDtoDAsync_v2(address + UInt64(start), slot.address, count, device.stream), "copying within the GPU")
            slot.used.record(in: device.stream)
        }
    }

    /// The next slot in turn, after its previous content was used.
    private func freeSlot(bytes: Int) -> Staging {
        if staging.count < Self.slots { staging.append(Staging(device, arena)) }
        let slot = staging[next % staging.count]
        next += 1
        slot.used.wait()
        slot.makeRoom(bytes)
        return slot
    }

    func copy(from: UInt64, to: UInt64, bytes: Int) {
        guard device.failure == nil, bytes > 0, from != to else { return }
        device.note(device.functions.cuMemcpyDtoDAsync_v2(to, from, bytes, device.stream), "copying within the GPU")
    }

    func clear(_ address: UInt64, bytes: Int) {
        guard device.failure == nil, bytes > 0 else { return }
        device.note(device.functions.cuMemsetD8Async(address, 0, bytes, device.stream), "clearing memory")
    }

    /// Downloads bytes and waits for them. After a failure the bytes are zeros.
    func download(from address: UInt64, to bytes: UnsafeMutableRawBufferPointer) {
        guard device.failure == nil, !bytes.isEmpty else {
            _ = bytes.initializeMemory(as: UInt8.self, repeating: 0)
            return
        }
        device.note(device.functions.cuMemcpyDtoHAsync_v2(bytes.baseAddress, address, bytes.count, device.stream), "copying from the GPU")
        device.synchronise()
    }

    func beginDownload(from address: UInt64, count: Int) -> any PendingValues {
        guard device.failure == nil else { return ReadyValues([Float](repeating: 0, count: count)) }
        let bytes = count * MemoryLayout<Float>.stride
        let place = results.popLast().flatMap { $0.bytes >= bytes ? $0 : nil } ?? PinnedMemory(device, bytes: max(bytes, 64))
        device.note(device.functions.cuMemcpyDtoHAsync_v2(place.address, address, bytes, device.stream), "copying from the GPU")
        let event = device.makeEvent()
        event.record(in: device.stream)
        return DevicePendingValues(device, count: count, place, event) { [weak self] in self?.results.append($0) }
    }
}

/// Host memory that the GPU can read and write directly.
private final class PinnedMemory {
    let address: UnsafeMutableRawPointer?
    let bytes: Int
    private let device: CUDADevice

    init(_ device: CUDADevice, bytes: Int) {
        self.device = device
        self.bytes = bytes
        var address: UnsafeMutableRawPointer?
        device.note(device.functions.cuMemHostAlloc(&address, bytes, 0), "pinned host memory of \(bytes >> 10) KiB")
        self.address = address
    }

    func copyMemory(from source: UnsafeRawPointer, bytes count: Int) { address?.copyMemory(from: source, byteCount: count) }

    func floats(_ count: Int) -> [Float] {
        guard let address else { return [Float](repeating: 0, count: count) }
        return Array(UnsafeBufferPointer(start: address.assumingMemoryBound(to: Float.self), count: count))
    }

    deinit { if let address { _ = device.functions.cuMemFreeHost(address) } }
}

/// The buffers of an upload: pinned memory on the host, and memory on the GPU.
private final class Staging {
    private let device: CUDADevice
    private let arena: Arena
    private(set) var pinned: PinnedMemory
    private var block: Storage
    let arrived: CUDAEvent, used: CUDAEvent

    var address: UInt64 { block.deviceAddress }

    init(_ device: CUDADevice, _ arena: Arena) {
        self.device = device
        self.arena = arena
        pinned = PinnedMemory(device, bytes: 1 << 16)
        block = arena.block(bytes: 1 << 16)
        arrived = device.makeEvent()
        used = device.makeEvent()
    }

    func makeRoom(_ bytes: Int) {
        guard bytes > pinned.bytes else { return }
        pinned = PinnedMemory(device, bytes: bytes)
        block = arena.block(bytes: bytes)
    }
}

private final class DevicePendingValues: PendingValues {
    private let device: CUDADevice
    private let count: Int
    private let place: PinnedMemory, event: CUDAEvent
    private let giveBack: (PinnedMemory) -> Void
    private var known: [Float]?

    init(_ device: CUDADevice, count: Int, _ place: PinnedMemory, _ event: CUDAEvent, giveBack: @escaping (PinnedMemory) -> Void) {
        self.device = device
        self.count = count
        self.place = place
        self.event = event
        self.giveBack = giveBack
    }

    var isReady: Bool { known != nil || device.failure != nil || event.isDone }

    var values: [Float] {
        if let known { return known }
        event.wait()
        let values = device.failure == nil ? place.floats(count) : [Float](repeating: 0, count: count)
        known = values
        giveBack(place)
        return values
    }
}

// One GET request: passes bytes on as they arrive and gives every failure a name. Not for files or retries (Download).
import CCURL
import Foundation
import Synchronization

/// How a GET ended.
struct TransferOutcome {
    let kind: vlseg_curl_kind
    let status: Int
    let message: String
    let systemError: Int32
}

enum Transfer {
    private static let started = Mutex(false)

    /// The state that the C callbacks access. It lives as long as the call.
    private final class Context {
        let receive: (UnsafeRawBufferPointer, _ status: Int) -> Bool
        let isAlive: () -> Bool

        init(receive: @escaping (UnsafeRawBufferPointer, Int) -> Bool, isAlive: @escaping () -> Bool) {
            self.receive = receive
            self.isAlive = isAlive
        }
    }

    /// - Parameters:
    ///   - from: the first byte to request; the server may still send the whole file (status 200).
    ///   - receive: takes bytes and the status; returns false to stop the transfer.
    static func get(
        _ url: String, from: Int, receive: @escaping (UnsafeRawBufferPointer, _ status: Int) -> Bool, isAlive: @escaping () -> Bool
    ) -> TransferOutcome {
        started.withLock { started in
            if !started { started = vlseg_curl_start() == 0 }
        }
        let context = Context(receive: receive, isAlive: isAlive)
        var result = vlseg_curl_result()
        withExtendedLifetime(context) {
            vlseg_curl_get(
                url, Int64(from), "swift-vlseg",
                { bytes, count, status, pointer in
                    guard let pointer else { return 0 }
                    let context = Unmanaged<Context>.fromOpaque(pointer).takeUnretainedValue()
                    return context.receive(UnsafeRawBufferPointer(start: bytes, count: count), Int(status)) ? 1 : 0
                },
                { pointer in
                    guard let pointer else { return 0 }
                    return Unmanaged<Context>.fromOpaque(pointer).takeUnretainedValue().isAlive() ? 1 : 0
                },
                Unmanaged.passUnretained(context).toOpaque(), &result)
        }
        let message = withUnsafeBytes(of: result.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return TransferOutcome(
            kind: vlseg_curl_kind_of(result.code), status: Int(result.status), message: message, systemError: Int32(result.system_error))
    }
}

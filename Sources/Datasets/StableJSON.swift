// JSON whose bytes depend on the value only: sorted keys, plain slashes, a final newline.
import Foundation

package enum StableJSON {
    /// The value in UTF-8. Values of this target have no keys or numbers that JSON cannot hold.
    package static func encode(_ value: some Encodable, pretty: Bool) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")]
        } catch {
            // Only NaN and infinities can fail, and no encoded type here has floating-point members from outside.
            preconditionFailure("a value without a JSON form: \(error)")
        }
    }

    /// A decoding failure in a few words: which key, and what is wrong with it.
    package static func reason(_ error: any Error) -> String {
        func place(_ context: DecodingError.Context, _ key: String? = nil) -> String {
            let names = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue } + (key.map { [$0] } ?? [])
            return names.isEmpty ? "the top level" : names.joined(separator: ".")
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context): return "no key \(place(context, key.stringValue))"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            return "\(place(context)): a value of another type"
        case DecodingError.dataCorrupted(let context):
            return context.codingPath.isEmpty ? "not JSON" : "\(place(context)): \(context.debugDescription)"
        default: return "\(error)"
        }
    }
}

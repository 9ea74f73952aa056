// Golden values that nothing reads prove nothing: the keys of a JSON file that a test's types pass over.
// Not for the comparison itself: what is decoded must still be compared by the test that decodes it.
import Foundation

/// The paths of keys in `data` that a value of the type does not hold after decoding. "about" says how a file was made and is left out.
/// - Parameter besides: further keys, wherever they stand, that are for people.
public func unreadKeys<Golden: Codable>(of data: Data, by type: Golden.Type, besides: Set<String> = []) throws -> [String] {
    let read = try JSONSerialization.jsonObject(with: JSONEncoder().encode(JSONDecoder().decode(type, from: data)))
    return missing(from: read, in: try JSONSerialization.jsonObject(with: data), at: "", besides: besides.union(["about"]))
}

private func missing(from read: Any?, in file: Any, at path: String, besides: Set<String>) -> [String] {
    if let fields = file as? [String: Any] {
        guard let known = read as? [String: Any] else { return [path] }
        return fields.sorted { $0.key < $1.key }.flatMap { key, value -> [String] in
            if besides.contains(key) || value is NSNull { return [] }
            let place = path.isEmpty ? key : path + "." + key
            return known[key].map { missing(from: $0, in: value, at: place, besides: besides) } ?? [place]
        }
    }
    guard let list = file as? [Any], list.first is [String: Any] else { return [] }
    guard let known = read as? [Any], known.count == list.count else { return [path] }
    return zip(known, list).enumerated().flatMap { missing(from: $1.0, in: $1.1, at: "\(path)[\($0)]", besides: besides) }
}

// What the restricted unpickler can build: plain data, containers, tensors. Anything else is an inert placeholder that only remembers its name.

indirect enum PickleValue {
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case text(String)
    case bytes([UInt8])
    case tuple([PickleValue])
    case list(PickleList)
    case dictionary(PickleDictionary)
    /// A name that the file refers to, such as `torch._utils._rebuild_tensor_v2`. Never looked up, only compared.
    case global(String)
    case storage(PickleStorage)
    case tensor(PickleTensor)
    /// An object of a class that is not ours to build; carries its class's name.
    case placeholder(String)

    /// What it is, for messages.
    var kind: String {
        switch self {
        case .none: "None"
        case .bool: "a bool"
        case .integer: "an int"
        case .float: "a float"
        case .text: "a string"
        case .bytes: "bytes"
        case .tuple: "a tuple"
        case .list: "a list"
        case .dictionary: "a dict"
        case .global(let name): "the name \(name)"
        case .storage: "a storage"
        case .tensor: "a tensor"
        case .placeholder(let name): "an object of class \(name)"
        }
    }
}

/// Containers are references, since a pickle fills them after it has put them away.
final class PickleList { var items: [PickleValue] = [] }
final class PickleDictionary { var items: [(key: PickleValue, value: PickleValue)] = [] }

/// A storage named by the file: which member holds it, its type and its elements.
struct PickleStorage {
    let key: String
    /// Nil for an untyped storage, whose tensors say their type themselves.
    let type: ElementType?
    let elementCount: Int
}

struct PickleTensor {
    let storage: PickleStorage
    let type: ElementType
    let offset: Int
    let shape: [Int], strides: [Int]
}

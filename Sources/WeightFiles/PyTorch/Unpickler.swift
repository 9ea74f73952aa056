// A pickle machine that can build tensors and containers and nothing else. It never imports, calls or evaluates anything that the file names:
// the few calls that make tensors and dictionaries are recognised by name and done here, every other call yields an inert placeholder.
// Protocols 0 to 5; extension codes and out-of-band buffers are refused.

struct Unpickler {
    struct Failure: Error {
        let position: Int
        let found: String
        let expected: String
    }

    /// Far above any real checkpoint, far below what would exhaust memory.
    private static let stepLimit = 50_000_000

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    static func value(of bytes: UnsafeRawBufferPointer) throws(Failure) -> PickleValue {
        var machine = Unpickler(bytes)
        return try machine.run()
    }

    private func failure(_ found: String, _ expected: String) -> Failure { Failure(position: position, found: found, expected: expected) }

    // MARK: Reading

    private mutating func byte() throws(Failure) -> UInt8 {
        guard position < bytes.count else { throw failure("the end of the data", "more of the pickle") }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(Failure) -> Int {
        guard position <= bytes.count - MemoryLayout<T>.size else { throw failure("the end of the data", "a number") }
        defer { position += MemoryLayout<T>.size }
        return Int(clamping: T(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: T.self)))
    }

    private mutating func data(_ count: Int) throws(Failure) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= bytes.count - position else { throw failure("\(bytes.count - position) bytes", "\(count) bytes") }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + count)])
    }

    private mutating func text(_ count: Int) throws(Failure) -> PickleValue { .text(String(decoding: try data(count), as: UTF8.self)) }

    private mutating func line() throws(Failure) -> String {
        let start = position
        while try byte() != UInt8(ascii: "\n") {}
        return String(decoding: bytes[start..<(position - 1)], as: UTF8.self)
    }

    private mutating func pop() throws(Failure) -> PickleValue {
        guard stack.count > (marks.last ?? 0), let value = stack.popLast() else { throw failure("an empty stack", "a value") }
        return value
    }

    private mutating func popToMark() throws(Failure) -> [PickleValue] {
        guard let mark = marks.popLast(), mark <= stack.count else { throw failure("no mark", "a mark") }
        let items = Array(stack[mark...])
        stack.removeSubrange(mark...)
        return items
    }

    private func top() throws(Failure) -> PickleValue {
        guard let value = stack.last else { throw failure("an empty stack", "a value") }
        return value
    }

    private func recall(_ index: Int) throws(Failure) -> PickleValue {
        guard let value = memo[index] else { throw failure("memo entry \(index)", "an entry that was stored") }
        return value
    }

    private mutating func pop(tuple count: Int) throws(Failure) -> PickleValue {
        var items: [PickleValue] = []
        for _ in 0..<count { items.append(try pop()) }
        return .tuple(items.reversed())
    }

    // MARK: The machine

    private mutating func run() throws(Failure) -> PickleValue {
        var steps = 0
        while true {
            steps += 1
            guard steps <= Self.stepLimit else { throw failure("more than \(Self.stepLimit) instructions", "a checkpoint's pickle") }
            let code = try byte()
            if code == UInt8(ascii: ".") { return try pop() }
            try step(code)
        }
    }

    private mutating func step(_ code: UInt8) throws(Failure) {
        switch code {
        // Frames and protocol.
        case 0x80: _ = try byte()
        case 0x95: _ = try data(8)
        // Plain data.
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.bool(true))
        case 0x89: stack.append(.bool(false))
        case UInt8(ascii: "J"): stack.append(.integer(try integer(Int32.self)))
        case UInt8(ascii: "K"): stack.append(.integer(try integer(UInt8.self)))
        case UInt8(ascii: "M"): stack.append(.integer(try integer(UInt16.self)))
        case 0x8a: try long(Int(try byte()))
        case 0x8b: try long(try integer(Int32.self))
        case UInt8(ascii: "I"):
            let digits = try line()
            stack.append(digits == "01" ? .bool(true) : digits == "00" ? .bool(false) : .integer(Int(digits) ?? 0))
        case UInt8(ascii: "L"): stack.append(Int(try line().filter { $0 != "L" }).map(PickleValue.integer) ?? .placeholder("int"))
        case UInt8(ascii: "F"): stack.append(.float(Double(try line()) ?? .nan))
        case UInt8(ascii: "G"):
            let raw = try data(8)
            stack.append(.float(Double(bitPattern: UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self)))))
        case UInt8(ascii: "X"), UInt8(ascii: "T"): stack.append(try text(try integer(UInt32.self)))
        case 0x8c, UInt8(ascii: "U"): stack.append(try text(Int(try byte())))
        case 0x8d: stack.append(try text(try integer(UInt64.self)))
        case UInt8(ascii: "V"), UInt8(ascii: "S"): stack.append(.text(try line()))
        case UInt8(ascii: "C"): stack.append(.bytes(Array(try data(Int(try byte())))))
        case UInt8(ascii: "B"): stack.append(.bytes(Array(try data(try integer(UInt32.self)))))
        case 0x8e, 0x96: stack.append(.bytes(Array(try data(try integer(UInt64.self)))))
        // Containers.
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: ")"): stack.append(.tuple([]))
        case 0x85: stack.append(try pop(tuple: 1))
        case 0x86: stack.append(try pop(tuple: 2))
        case 0x87: stack.append(try pop(tuple: 3))
        case UInt8(ascii: "t"), 0x91: stack.append(.tuple(try popToMark()))
        case UInt8(ascii: "]"), 0x8f: stack.append(.list(PickleList()))
        case UInt8(ascii: "l"):
            let list = PickleList()
            list.items = try popToMark()
            stack.append(.list(list))
        case UInt8(ascii: "}"): stack.append(.dictionary(PickleDictionary()))
        case UInt8(ascii: "d"):
            stack.append(.dictionary(PickleDictionary()))
            let items = try { (machine: inout Unpickler) throws(Failure) in
                let dictionary = try machine.pop()
                let items = try machine.popToMark()
                machine.stack.append(dictionary)
                return items
            }(&self)
            try set(items)
        case UInt8(ascii: "a"): try append([try pop()])
        case UInt8(ascii: "e"), 0x90: try append(try popToMark())
        case UInt8(ascii: "s"):
            let value = try pop(), key = try pop()
            try set([key, value])
        case UInt8(ascii: "u"): try set(try popToMark())
        // Stack and memo.
        case UInt8(ascii: "0"): _ = try pop()
        case UInt8(ascii: "1"): _ = try popToMark()
        case UInt8(ascii: "2"): stack.append(try top())
        case UInt8(ascii: "q"): memo[Int(try byte())] = try top()
        case UInt8(ascii: "r"): memo[try integer(UInt32.self)] = try top()
        case UInt8(ascii: "p"): memo[Int(try line()) ?? -1] = try top()
        case 0x94: memo[memo.count] = try top()
        case UInt8(ascii: "h"): stack.append(try recall(Int(try byte())))
        case UInt8(ascii: "j"): stack.append(try recall(try integer(UInt32.self)))
        case UInt8(ascii: "g"): stack.append(try recall(Int(try line()) ?? -1))
        // Names, objects, storages.
        case UInt8(ascii: "c"):
            let module = try line(), name = try line()
            stack.append(.global(module + "." + name))
        case 0x93:
            guard case .text(let name) = try pop(), case .text(let module) = try pop() else { throw failure("something else", "a module and a name") }
            stack.append(.global(module + "." + name))
        case UInt8(ascii: "Q"): stack.append(try PickleCalls.storage(try pop(), failure))
        case UInt8(ascii: "R"), 0x81:
            let arguments = try pop(), callable = try pop()
            stack.append(try PickleCalls.call(callable, arguments, failure))
        case 0x92:
            _ = try pop()
            let arguments = try pop(), callable = try pop()
            stack.append(try PickleCalls.call(callable, arguments, failure))
        case UInt8(ascii: "o"):
            let items = try popToMark()
            guard let callable = items.first else { throw failure("nothing", "a class") }
            stack.append(try PickleCalls.call(callable, .tuple(Array(items.dropFirst())), failure))
        case UInt8(ascii: "i"):
            let module = try line(), name = try line()
            stack.append(try PickleCalls.call(.global(module + "." + name), .tuple(try popToMark()), failure))
        // The state of an object: placeholders have none, and what dictionaries carry besides their items is not needed.
        case UInt8(ascii: "b"): _ = try pop()
        default: throw failure("instruction \(code)", "one that a checkpoint uses")
        }
    }

    /// An integer of `count` little-endian bytes; those beyond 64 bits become placeholders.
    private mutating func long(_ count: Int) throws(Failure) {
        let raw = try data(count)
        guard count <= 8 else {
            stack.append(.placeholder("int"))
            return
        }
        var value: UInt64 = raw.last.map { $0 >= 0x80 ? .max : 0 } ?? 0
        for byte in raw.reversed() { value = value << 8 | UInt64(byte) }
        stack.append(.integer(Int(Int64(bitPattern: value))))
    }

    private func append(_ items: [PickleValue]) throws(Failure) {
        switch try top() {
        case .list(let list): list.items += items
        case .placeholder: break
        default: throw failure("\(try top().kind)", "a list")
        }
    }

    private func set(_ items: [PickleValue]) throws(Failure) {
        guard items.count % 2 == 0 else { throw failure("an odd number of values", "keys and values") }
        switch try top() {
        case .dictionary(let dictionary):
            for index in stride(from: 0, to: items.count, by: 2) { dictionary.items.append((items[index], items[index + 1])) }
        case .placeholder: break
        default: throw failure("\(try top().kind)", "a dictionary")
        }
    }
}

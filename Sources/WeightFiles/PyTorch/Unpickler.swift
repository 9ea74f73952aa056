// A pickle machine (protocols 0 to 5) that builds tensors and containers and nothing else. It never imports, calls or evaluates anything
// that a file names (PickleCalls.swift). It refuses extension codes and out-of-band buffers, which torch.save never writes.
// Invariant: memory grows by a bounded amount per instruction, and the number of instructions is bounded. There is no recursion over the
// data.

struct Unpickler {
    /// Far above any real checkpoint (a state dictionary takes about forty instructions per tensor), far below what exhausts memory.
    static let instructionLimit = 10_000_000

    private var scanner: PickleScanner
    private var arena = PickleArena()
    private var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]

    private init(_ bytes: UnsafeRawBufferPointer) { scanner = PickleScanner(bytes) }

    /// The pickle's value and its arena.
    static func load(_ bytes: UnsafeRawBufferPointer) throws(PickleFailure) -> (root: PickleValue, arena: PickleArena) {
        var machine = Unpickler(bytes)
        for _ in 0..<instructionLimit {
            let instruction = try machine.scanner.byte()
            if instruction == UInt8(ascii: ".") { return (try machine.pop(), machine.arena) }
            try machine.run(instruction)
        }
        throw machine.scanner.failure("more than \(instructionLimit) instructions", "the pickle of a checkpoint")
    }

    // MARK: The stack

    private mutating func push(_ node: PickleNode) { stack.append(arena.add(node)) }

    private mutating func pop() throws(PickleFailure) -> PickleValue {
        guard stack.count > (marks.last ?? 0), let value = stack.popLast() else {
            throw scanner.failure("an instruction without its operand", "a value on the stack")
        }
        return value
    }

    private mutating func popToMark() throws(PickleFailure) -> [PickleValue] {
        guard let mark = marks.popLast() else { throw scanner.failure("no mark", "a mark on the stack") }
        let items = Array(stack[mark...])
        stack.removeSubrange(mark...)
        return items
    }

    private func top() throws(PickleFailure) -> PickleValue {
        guard stack.count > (marks.last ?? 0), let value = stack.last else {
            throw scanner.failure("an instruction without its operand", "a value on the stack")
        }
        return value
    }

    private mutating func recall(_ index: Int) throws(PickleFailure) {
        guard let value = memo[index] else { throw scanner.failure("memo entry \(index)", "an entry that was stored before") }
        stack.append(value)
    }

    private mutating func pushTuple(_ count: Int) throws(PickleFailure) {
        var items: [PickleValue] = []
        for _ in 0..<count { items.append(try pop()) }
        push(.tuple(items.reversed()))
    }

    // MARK: Instructions

    private mutating func run(_ instruction: UInt8) throws(PickleFailure) {
        if try runPlain(instruction) { return }
        if try runContainer(instruction) { return }
        if try runMemo(instruction) { return }
        if try runObject(instruction) { return }
        throw scanner.failure("instruction \(instruction)", "one that torch.save writes")
    }

    /// Numbers, text and bytes.
    private mutating func runPlain(_ instruction: UInt8) throws(PickleFailure) -> Bool {
        switch instruction {
        case 0x80:
            let version = try scanner.byte()
            if version > 5 { throw scanner.failure("pickle protocol \(version)", "a protocol up to 5") }
        case 0x95: _ = try scanner.data(8)
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.bool(true))
        case 0x89: stack.append(.bool(false))
        case UInt8(ascii: "J"): stack.append(.integer(try scanner.number(Int32.self)))
        case UInt8(ascii: "K"): stack.append(.integer(try scanner.number(UInt8.self)))
        case UInt8(ascii: "M"): stack.append(.integer(try scanner.number(UInt16.self)))
        case 0x8a: pushInteger(try scanner.longNumber(Int(try scanner.byte())))
        case 0x8b: pushInteger(try scanner.longNumber(try scanner.number(Int32.self)))
        case UInt8(ascii: "I"), UInt8(ascii: "L"): try pushDecimal(try scanner.line())
        case UInt8(ascii: "F"):
            let digits = try scanner.line()
            guard let value = Double(digits) else { throw scanner.failure("\"\(digits)\"", "a decimal number") }
            stack.append(.float(value))
        case UInt8(ascii: "G"): stack.append(.float(try scanner.double()))
        case UInt8(ascii: "X"), UInt8(ascii: "T"): push(.text(try scanner.text(try scanner.number(UInt32.self))))
        case 0x8c, UInt8(ascii: "U"): push(.text(try scanner.text(Int(try scanner.byte()))))
        case 0x8d: push(.text(try scanner.text(try scanner.number(UInt64.self))))
        case UInt8(ascii: "V"): push(.text(try scanner.line()))
        case UInt8(ascii: "S"): push(.text(try scanner.line().trimming("'\"")))
        case UInt8(ascii: "C"): try pushBytes(Int(try scanner.byte()))
        case UInt8(ascii: "B"): try pushBytes(try scanner.number(UInt32.self))
        case 0x8e, 0x96: try pushBytes(try scanner.number(UInt64.self))
        default: return false
        }
        return true
    }

    private mutating func pushBytes(_ count: Int) throws(PickleFailure) {
        _ = try scanner.data(count)
        push(.bytes)
    }

    /// Integers beyond 64 bits (states of random number generators contain them) become placeholders.
    private mutating func pushInteger(_ value: Int?) {
        if let value { stack.append(.integer(value)) } else { push(.opaque("int beyond 64 bits")) }
    }

    private mutating func pushDecimal(_ line: String) throws(PickleFailure) {
        if line == "00" || line == "01" {
            stack.append(.bool(line == "01"))
            return
        }
        let digits = line.hasSuffix("L") ? String(line.dropLast()) : line
        let isNumber = !digits.isEmpty && digits.drop { $0 == "-" }.allSatisfy { $0.isASCII && $0.isNumber }
        guard isNumber else { throw scanner.failure("\"\(line)\"", "a decimal number") }
        pushInteger(Int(digits))
    }

    /// Tuples, lists, sets and dictionaries.
    private mutating func runContainer(_ instruction: UInt8) throws(PickleFailure) -> Bool {
        switch instruction {
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: ")"): push(.tuple([]))
        case 0x85: try pushTuple(1)
        case 0x86: try pushTuple(2)
        case 0x87: try pushTuple(3)
        case UInt8(ascii: "t"): push(.tuple(try popToMark()))
        case UInt8(ascii: "]"), 0x8f: stack.append(arena.add(list: []))
        case UInt8(ascii: "l"), 0x91: stack.append(arena.add(list: try popToMark()))
        case UInt8(ascii: "}"): stack.append(arena.add(dictionary: []))
        case UInt8(ascii: "d"): stack.append(arena.add(dictionary: try evenItems(try popToMark())))
        case UInt8(ascii: "a"): try append([try pop()])
        case UInt8(ascii: "e"), 0x90: try append(try popToMark())
        case UInt8(ascii: "s"):
            let value = try pop()
            try set([try pop(), value])
        case UInt8(ascii: "u"): try set(try popToMark())
        default: return false
        }
        return true
    }

    private func evenItems(_ items: [PickleValue]) throws(PickleFailure) -> [PickleValue] {
        guard items.count % 2 == 0 else { throw scanner.failure("a key without a value", "keys and values in turn") }
        return items
    }

    /// Items that are appended to a placeholder have no effect.
    private mutating func append(_ items: [PickleValue]) throws(PickleFailure) {
        switch arena.node(try top()) {
        case .list(let index)?: arena.append(items, toList: index)
        case .opaque?: break
        default: throw scanner.failure("items for \(arena.kind(try top()))", "items for a list")
        }
    }

    private mutating func set(_ items: [PickleValue]) throws(PickleFailure) {
        switch arena.node(try top()) {
        case .dictionary(let index)?: arena.append(try evenItems(items), toDictionary: index)
        case .opaque?: break
        default: throw scanner.failure("entries for \(arena.kind(try top()))", "entries for a dictionary")
        }
    }

    /// The stack's own instructions and the memo.
    private mutating func runMemo(_ instruction: UInt8) throws(PickleFailure) -> Bool {
        switch instruction {
        case UInt8(ascii: "0"):
            // If a mark is on top, this removes the mark.
            if stack.count == (marks.last ?? -1) { marks.removeLast() } else { _ = try pop() }
        case UInt8(ascii: "1"): _ = try popToMark()
        case UInt8(ascii: "2"): stack.append(try top())
        case UInt8(ascii: "q"): memo[Int(try scanner.byte())] = try top()
        case UInt8(ascii: "r"): memo[try scanner.number(UInt32.self)] = try top()
        case UInt8(ascii: "p"): memo[try memoIndex()] = try top()
        case 0x94: memo[memo.count] = try top()
        case UInt8(ascii: "h"): try recall(Int(try scanner.byte()))
        case UInt8(ascii: "j"): try recall(try scanner.number(UInt32.self))
        case UInt8(ascii: "g"): try recall(try memoIndex())
        default: return false
        }
        return true
    }

    private mutating func memoIndex() throws(PickleFailure) -> Int {
        let line = try scanner.line()
        guard let index = Int(line), index >= 0 else { throw scanner.failure("memo entry \"\(line)\"", "a whole number") }
        return index
    }

    /// Names, calls, objects and storages.
    private mutating func runObject(_ instruction: UInt8) throws(PickleFailure) -> Bool {
        switch instruction {
        case UInt8(ascii: "c"):
            let module = try scanner.line()
            push(.global(module + "." + (try scanner.line())))
        case 0x93:
            let name = try pop(), module = try pop()
            guard let name = arena.text(name), let module = arena.text(module) else {
                throw scanner.failure("a name that is not text", "a module and a name")
            }
            push(.global(module + "." + name))
        case UInt8(ascii: "Q"): stack.append(try PickleCalls.storage(try pop(), in: &arena, scanner))
        case UInt8(ascii: "R"), 0x81:
            let arguments = try pop()
            try call(try pop(), arguments)
        case 0x92:
            _ = try pop()
            let arguments = try pop()
            try call(try pop(), arguments)
        case UInt8(ascii: "o"):
            let items = try popToMark()
            guard let callable = items.first else { throw scanner.failure("an object of nothing", "a class") }
            try call(callable, arena.add(.tuple(Array(items.dropFirst()))))
        case UInt8(ascii: "i"):
            let module = try scanner.line(), name = try scanner.line()
            let arguments = arena.add(.tuple(try popToMark()))
            try call(arena.add(.global(module + "." + name)), arguments)
        case UInt8(ascii: "b"):
            // The state of an object is dropped: placeholders have no state, and the attributes of a dictionary are not its items.
            _ = try pop()
            _ = try top()
        default: return false
        }
        return true
    }

    private mutating func call(_ callable: PickleValue, _ arguments: PickleValue) throws(PickleFailure) {
        stack.append(try PickleCalls.call(callable, arguments, in: &arena, scanner))
    }
}

extension String {
    /// The text without these characters at both ends.
    fileprivate func trimming(_ characters: String) -> String {
        var rest = Substring(self)
        while let first = rest.first, characters.contains(first) { rest.removeFirst() }
        while let last = rest.last, characters.contains(last) { rest.removeLast() }
        return String(rest)
    }
}

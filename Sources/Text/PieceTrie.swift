// A byte trie for the greedy longest match of WordPiece: one walk over a word's bytes finds the longest piece that begins there.
// Double array: the child of state s for byte b is base[s] + b + 1; it exists if check[child] == s.
//
// Invariants: state 0 is the root; both arrays have the same length; a key is never empty. Tokens are whole UTF-8 texts, so a match always
// ends between scalars.

import Foundation

struct PieceTrie: Sendable {
    private var base: [Int32] = [0]
    private var check: [Int32] = [-1]
    private var value: [Int32] = [-1]
    private var lastUsed = 0

    /// Keys must be distinct and not empty; ids must be at least 0.
    init(_ entries: [(key: [UInt8], id: Int32)]) {
        let sorted = entries.sorted { Self.precedes($0.key, $1.key) }
        var firstFree = 1
        var work: [(state: Int, range: Range<Int>, depth: Int)] = [(0, 0..<sorted.count, 0)]
        while let (state, range, depth) = work.popLast() {
            var start = range.lowerBound
            if start < range.upperBound && sorted[start].key.count == depth {
                value[state] = sorted[start].id
                start += 1
            }
            guard start < range.upperBound else { continue }
            var children: [(byte: Int, range: Range<Int>)] = []
            var position = start
            while position < range.upperBound {
                let byte = sorted[position].key[depth]
                var end = position + 1
                while end < range.upperBound && sorted[end].key[depth] == byte { end += 1 }
                children.append((Int(byte), position..<end))
                position = end
            }
            let place = findPlace(for: children.map(\.byte), from: &firstFree)
            base[state] = Int32(place)
            for child in children { check[place + child.byte + 1] = Int32(state) }
            for child in children { work.append((place + child.byte + 1, child.range, depth + 1)) }
        }
    }

    /// Byte order; many times faster than the standard library's comparison of two collections.
    private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let order = left.withUnsafeBytes { left in
            right.withUnsafeBytes { right -> Int32 in
                guard let a = left.baseAddress, let b = right.baseAddress else { return 0 }
                return memcmp(a, b, min(left.count, right.count))
            }
        }
        return order == 0 ? left.count < right.count : order < 0
    }

    /// Finds a base at which the places of all children are free, and grows the arrays so that any byte can be looked up there.
    /// It searches a small part of the used range, then the end: a full search for every piece would take seconds for 30,000 pieces.
    private mutating func findPlace(for children: [Int], from firstFree: inout Int) -> Int {
        while firstFree < check.count, check[firstFree] >= 0 { firstFree += 1 }
        var position = max(firstFree, children[0] + 1)
        var steps = 0
        while true {
            if position + 258 > check.count {
                let more = max(position + 258, check.count + check.count / 2) - check.count
                base.append(contentsOf: repeatElement(0, count: more))
                check.append(contentsOf: repeatElement(-1, count: more))
                value.append(contentsOf: repeatElement(-1, count: more))
            }
            let place = position - children[0] - 1
            if check[position] < 0, children.count == 1 || children.allSatisfy({ check[place + $0 + 1] < 0 }) {
                lastUsed = max(lastUsed, place + (children.last ?? 0) + 1)
                return place
            }
            steps += 1
            position = steps == 32 ? max(lastUsed + 1, position + 1) : position + 1
        }
    }

    /// The longest key that begins at `start` in `bytes`, or nil.
    func longestMatch(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> (id: Int32, end: Int)? {
        var state = 0
        var best: (id: Int32, end: Int)?
        var position = start
        while position < bytes.count {
            let child = Int(base[state]) + Int(bytes[position]) + 1
            guard child < check.count, check[child] == Int32(state) else { break }
            state = child
            position += 1
            if value[state] >= 0 { best = (value[state], position) }
        }
        return best
    }
}

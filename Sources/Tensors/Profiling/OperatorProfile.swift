// What an OperatorMeasurement found: time, arithmetic and memory traffic of every operator, added up by name.

public struct OperatorProfile: Sendable {
    public struct Entry: Sendable {
        public let name: String
        public internal(set) var calls = 0
        public internal(set) var seconds = 0.0
        /// Multiplications and additions, counted apart; 0 where an operator is bound by memory and its arithmetic does not matter.
        public internal(set) var operations = 0.0
        /// Bytes of all operands, each counted once: what must cross the memory bus if nothing stays in a cache.
        public internal(set) var bytes = 0.0
    }

    private var table: [String: Entry] = [:]

    public init() {}

    /// The most expensive first.
    public var entries: [Entry] { table.values.sorted { ($0.seconds, $1.name) > ($1.seconds, $0.name) } }
    public var seconds: Double { table.values.reduce(0) { $0 + $1.seconds } }
    public var operations: Double { table.values.reduce(0) { $0 + $1.operations } }

    mutating func add(_ name: String, seconds: Double, operations: Double, bytes: Double) {
        var entry = table[name] ?? Entry(name: name)
        entry.calls += 1
        entry.seconds += seconds
        entry.operations += operations
        entry.bytes += bytes
        table[name] = entry
    }
}

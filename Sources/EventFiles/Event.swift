// One event: a time, a step and what happened there. Its values are in Value.swift.
// Invariant: what `encode` writes, `init?(_:)` reads as the same value. Field numbers are those of TensorFlow's event.proto.

extension EventFile {
    public struct Event: Sendable, Equatable {
        /// Seconds since 1970.
        public let wallTime: Double
        public let step: Int
        public let content: Content

        package init(wallTime: Double, step: Int, content: Content) {
            (self.wallTime, self.step, self.content) = (wallTime, step, content)
        }

        public enum Content: Sendable, Equatable {
            /// The first event of a file: the format's version, and the program that writes it, if it says so.
            case version(String, writer: String?)
            case values([Value])
            /// Something that this program does not write, such as a graph.
            case other
        }
    }
}

extension EventFile.Event {
    func encode(into event: inout ProtobufWriter) {
        event.double(1, wallTime)
        if step != 0 { event.integer(2, step) }
        switch content {
        case .version(let version, let writer):
            event.text(3, version)
            if let writer { event.message(10) { $0.text(1, writer) } }
        case .values(let values):
            event.message(5) { summary in
                for value in values { summary.message(1, value.encode) }
            }
        case .other: break
        }
    }

    /// Nil if the bytes are no event.
    init?(_ bytes: ArraySlice<UInt8>) {
        var wallTime = 0.0, step = 0
        var version: String?, writer: String?, values: [EventFile.Value]?
        do throws(ProtobufReader.Malformed) {
            var reader = ProtobufReader(bytes)
            while let field = try reader.next() {
                switch field.number {
                case 1: wallTime = field.value.double ?? wallTime
                case 2: step = field.value.integer ?? step
                case 3: version = field.value.text
                case 5:
                    var summary = ProtobufReader(field.value.data ?? [])
                    while let part = try summary.next() {
                        if part.number == 1, let data = part.value.data { values = (values ?? []) + [try EventFile.Value(data)] }
                    }
                    values = values ?? []
                case 10:
                    var source = ProtobufReader(field.value.data ?? [])
                    while let part = try source.next() {
                        if part.number == 1 { writer = part.value.text }
                    }
                default: break
                }
            }
        } catch {
            return nil
        }
        self.wallTime = wallTime
        self.step = step
        content = version.map { .version($0, writer: writer) } ?? values.map { .values($0) } ?? .other
    }
}

/// What a resumption must know of an event. Nothing is copied, so pictures cost nothing.
struct EventOutline {
    private(set) var step = 0
    private(set) var tags: [String] = []

    /// Nil if the bytes are no event.
    init?(_ bytes: ArraySlice<UInt8>) {
        do throws(ProtobufReader.Malformed) {
            var reader = ProtobufReader(bytes)
            while let field = try reader.next() {
                if field.number == 2 { step = field.value.integer ?? step }
                guard field.number == 5 else { continue }
                var summary = ProtobufReader(field.value.data ?? [])
                while let part = try summary.next() {
                    guard part.number == 1 else { continue }
                    var value = ProtobufReader(part.value.data ?? [])
                    while let entry = try value.next() {
                        if entry.number == 1 { tags += entry.value.text.map { [$0] } ?? [] }
                    }
                }
            }
        } catch {
            return nil
        }
    }
}

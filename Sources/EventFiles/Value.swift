// One point of one series: a number, a picture, a text, or nothing beside what a plugin of TensorBoard reads.
// Invariant: what `encode` writes, `init(_:)` reads as the same value. Field numbers are those of summary.proto and tensor.proto.

extension EventFile {
    /// One point of one series.
    public struct Value: Sendable, Equatable {
        public let tag: String
        /// The plugin of TensorBoard that shows it: "scalars", "text", "hparams"; empty for images, which TensorBoard knows by their kind.
        public let plugin: String
        /// What the plugin reads, in its own encoding.
        public let pluginData: [UInt8]
        public let datum: Datum

        package init(tag: String, plugin: String = "", pluginData: [UInt8] = [], datum: Datum) {
            (self.tag, self.plugin, self.pluginData, self.datum) = (tag, plugin, pluginData, datum)
        }
    }

    public enum Datum: Sendable, Equatable {
        case scalar(Float)
        /// - channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
        case image(png: [UInt8], width: Int, height: Int, channels: Int)
        case text(String)
        /// No value: all is in `pluginData`.
        case nothing
        /// A kind that this program does not write.
        case other
    }
}

extension EventFile.Value {
    func encode(into value: inout ProtobufWriter) {
        value.text(1, tag)
        switch datum {
        case .scalar(let number): value.float(2, number)
        case .image(let png, let width, let height, let channels):
            value.message(4) { image in
                image.integer(1, height)
                image.integer(2, width)
                image.integer(3, channels)
                image.data(4, png)
            }
        case .text(let text):
            value.message(8) { tensor in
                // DT_STRING, of no dimension.
                tensor.integer(1, 7)
                tensor.message(2) { _ in }
                tensor.text(8, text)
            }
        case .nothing:
            value.message(8) { tensor in
                // DT_FLOAT, of shape [0]: one dimension, whose size of zero is not written.
                tensor.integer(1, 1)
                tensor.message(2) { $0.message(2) { _ in } }
            }
        case .other: break
        }
        if !plugin.isEmpty {
            value.message(9) { metadata in
                metadata.message(1) { data in
                    data.text(1, plugin)
                    if !pluginData.isEmpty { data.data(2, pluginData) }
                }
                // DATA_CLASS_SCALAR or DATA_CLASS_TENSOR.
                if case .scalar = datum { metadata.integer(4, 1) } else { metadata.integer(4, 2) }
            }
        }
    }

    init(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Malformed) {
        var tag = "", plugin = "", pluginData: [UInt8] = [], datum = EventFile.Datum.other
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: tag = field.value.text ?? tag
            case 2: datum = field.value.float.map { .scalar($0) } ?? datum
            case 4: datum = try Self.image(field.value.data ?? [])
            case 8: datum = try Self.tensor(field.value.data ?? [])
            case 9:
                var metadata = ProtobufReader(field.value.data ?? [])
                while let part = try metadata.next() {
                    if part.number == 1, let data = part.value.data { (plugin, pluginData) = try Self.plugin(data) }
                }
            default: break
            }
        }
        self.init(tag: tag, plugin: plugin, pluginData: pluginData, datum: datum)
    }

    private static func plugin(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Malformed) -> (name: String, data: [UInt8]) {
        var name = "", data: [UInt8] = []
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            if field.number == 1 { name = field.value.text ?? name }
            if field.number == 2 { data = field.value.data.map(Array.init) ?? data }
        }
        return (name, data)
    }

    private static func image(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Malformed) -> EventFile.Datum {
        var height = 0, width = 0, channels = 0, png: [UInt8] = []
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: height = field.value.integer ?? height
            case 2: width = field.value.integer ?? width
            case 3: channels = field.value.integer ?? channels
            case 4: png = field.value.data.map(Array.init) ?? png
            default: break
            }
        }
        return .image(png: png, width: width, height: height, channels: channels)
    }

    private static func tensor(_ bytes: ArraySlice<UInt8>) throws(ProtobufReader.Malformed) -> EventFile.Datum {
        var type = 0, texts: [String] = [], holdsNumbers = false
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: type = field.value.integer ?? type
            case 2, 3: break
            case 8: texts += field.value.text.map { [$0] } ?? []
            default: holdsNumbers = true
            }
        }
        if type == 7, texts.count == 1 { return .text(texts[0]) }
        return type == 1 && !holdsNumbers ? .nothing : .other
    }
}

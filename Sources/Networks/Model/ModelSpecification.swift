// Which network a run trains or a checkpoint holds: a name of the zoo, the value of each of its options, and the shape of the text it
// reads. Kept in config.json and in checkpoints. Files from before networks had names hold UA-VLS's own settings in its place, and are read
// as that.

public struct ModelSpecification: Codable, Sendable, Equatable {
    public var name: String
    public var options: [String: String]
    /// Nil for a network that reads no text.
    public var text: TextShape?

    public init(name: String, options: [String: String], text: TextShape?) {
        self.name = name
        self.options = options
        self.text = text
    }

    private enum CodingKeys: String, CodingKey { case name, options, text }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard container.contains(.name) else {
            self = try UAVLS.Configuration(from: decoder).specification
            return
        }
        name = try container.decode(String.self, forKey: .name)
        options = try container.decode([String: String].self, forKey: .options)
        text = try container.decodeIfPresent(TextShape.self, forKey: .text)
    }

    /// The option's numbers, where its values are numbers; checked by `ModelDescriptor.checked`.
    func numbers(_ option: String) -> [Double] { (options[option] ?? "").split(separator: ",").compactMap { Double($0) } }
}

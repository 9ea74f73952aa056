// Which network a run trains or a checkpoint holds: its name in the zoo, the value of each option, and the shape of the text features.
// Stored in config.json and in checkpoints. Older files, from before networks had names, hold UA-VLS's own settings instead; they are read
// as a UA-VLS specification.

public struct ModelSpecification: Codable, Sendable, Equatable {
    public var name: String
    public var options: [String: String]
    /// Nil for a network without text.
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

    /// The option's numbers; `ModelDescriptor.checked` has checked them.
    func numbers(_ option: String) -> [Double] { (options[option] ?? "").split(separator: ",").compactMap { Double($0) } }
}

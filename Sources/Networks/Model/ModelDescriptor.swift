// Everything that is known about a network without building it. Each network exports one descriptor; the zoo lists them (ModelZoo.swift),
// and all other parts of the program use the descriptor.
import Tensors

public struct ModelDescriptor: Sendable {
    /// The value of --model: "ua-vls".
    public let name: String
    public let title: String
    public let citation: String
    /// The images of the published network; for other options see `image(_:)`.
    public let image: ImageSpec
    /// The text features of the published network; nil if it reads no text.
    public let text: TextShape?
    public let options: [ModelOption]
    /// The recipe of the published network; for other options see `recipe(_:)`.
    public let recipe: Recipe
    /// The weight files that it reads.
    public let weights: [WeightNaming]
    /// Name endings of entries in published checkpoints that can be computed from the rest, such as counters and tables; they are ignored.
    let derivedEntries: [String]
    /// Those of them that a checkpoint is written with.
    let derived: @Sendable (ModelSpecification, _ imageSize: Int) -> [DerivedEntry]
    /// The beginning of the last layer's names, whose first dimension is the number of classes.
    let lastLayer: String
    /// Parts of published checkpoints that the network does not use: the beginning of their names, and an explanation for the user.
    let foreignEntries: [String: String]
    private let readsText: @Sendable (ModelSpecification) -> Bool
    private let check: @Sendable (ModelSpecification) throws(NetworkError) -> Void
    private let adapt: @Sendable (inout Recipe, ModelSpecification) -> Void
    private let adaptImage: @Sendable (ImageSpec, ModelSpecification) -> ImageSpec
    private let make: @Sendable (ModelSpecification, ModelSetup) -> any SegmentationModel
    private let count: (@Sendable (ModelSpecification, _ imageSize: Int) -> [ModuleArithmetic])?

    /// - Parameters:
    ///   - readsText: whether the network reads text with the given options; by default, whether it has a `text`.
    ///   - check: refuses combinations of options that are valid one by one.
    ///   - adapt: changes the recipe if it depends on options.
    ///   - adaptImage: the images with a specification's options, if they depend on options.
    ///   - arithmetic: the operations of each module, computed from the sizes; without it `ModelSummary` counts those of a pass.
    ///   - make: builds the network; the specification's options are checked and complete.
    public init(
        name: String, title: String, citation: String, image: ImageSpec, text: TextShape?, options: [ModelOption] = [],
        recipe: Recipe = Recipe(), weights: [WeightNaming], lastLayer: String, derivedEntries: [String] = [".num_batches_tracked"],
        foreignEntries: [String: String] = [:],
        derived: @escaping @Sendable (ModelSpecification, _ imageSize: Int) -> [DerivedEntry] = { _, _ in [] },
        readsText: (@Sendable (ModelSpecification) -> Bool)? = nil,
        check: @escaping @Sendable (ModelSpecification) throws(NetworkError) -> Void = { _ in },
        adapt: @escaping @Sendable (inout Recipe, ModelSpecification) -> Void = { _, _ in },
        adaptImage: @escaping @Sendable (ImageSpec, ModelSpecification) -> ImageSpec = { image, _ in image },
        arithmetic: (@Sendable (ModelSpecification, _ imageSize: Int) -> [ModuleArithmetic])? = nil,
        make: @escaping @Sendable (ModelSpecification, ModelSetup) -> any SegmentationModel
    ) {
        self.name = name
        self.title = title
        self.citation = citation
        self.image = image
        self.text = text
        self.options = options
        self.recipe = recipe
        self.weights = weights
        self.derivedEntries = derivedEntries
        self.lastLayer = lastLayer
        self.foreignEntries = foreignEntries
        self.derived = derived
        self.readsText = readsText ?? { _ in text != nil }
        self.check = check
        self.adapt = adapt
        self.adaptImage = adaptImage
        self.make = make
        count = arithmetic
    }

    /// Whether an entry is of the last layer, which depends on the number of classes.
    public func isLastLayer(_ entry: String) -> Bool { entry.hasPrefix(lastLayer) }

    /// The published network.
    public var published: ModelSpecification {
        ModelSpecification(
            name: name, options: Dictionary(uniqueKeysWithValues: options.map { ($0.name, $0.defaultValue) }), text: text)
    }

    /// Whether the network reads captions.
    public func readsText(_ specification: ModelSpecification) -> Bool { readsText(specification) }

    /// Sets an option of a specification.
    /// - Throws: `unknownModelOption` or `badModelOption`, with the valid names or values.
    public func set(_ option: String, to value: String, in specification: inout ModelSpecification) throws(NetworkError) {
        guard let known = options.first(where: { $0.name == option }) else {
            throw .unknownModelOption(model: name, option: option, known: options.map(\.name))
        }
        guard let value = known.canonical(value) else {
            throw .badModelOption(model: name, option: option, value: value, expected: known.expected)
        }
        specification.options[option] = value
    }

    /// The specification with every option checked. Options that are newer than its file get their published values.
    public func checked(_ specification: ModelSpecification) throws(NetworkError) -> ModelSpecification {
        var result = published
        for (option, value) in specification.options.sorted(by: { $0.key < $1.key }) { try set(option, to: value, in: &result) }
        try check(result)
        result.text = readsText(result) ? specification.text ?? text : nil
        return result
    }

    /// The training settings of a network with these options.
    public func recipe(_ specification: ModelSpecification) -> Recipe {
        var result = recipe
        adapt(&result, specification)
        return result
    }

    /// The images of a network with these options.
    public func image(_ specification: ModelSpecification) -> ImageSpec { adaptImage(image, specification) }

    /// Builds a network.
    public func model(_ specification: ModelSpecification, _ setup: ModelSetup) throws(NetworkError) -> any SegmentationModel {
        make(try checked(specification), setup)
    }

    /// Nil if the network has no formula and its operations must be counted.
    func arithmetic(_ specification: ModelSpecification, imageSize: Int) -> [ModuleArithmetic]? { count?(specification, imageSize) }
}

/// An entry of a checkpoint that can be computed from a network's sizes.
public struct DerivedEntry: Sendable {
    enum Values: Sendable {
        case integers([Int64]), numbers([Float])
    }
    let name: String
    let shape: [Int]
    let values: Values

    init(name: String, shape: [Int], _ values: Values) {
        self.name = name
        self.shape = shape
        self.values = values
    }
}

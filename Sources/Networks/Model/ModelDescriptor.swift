// All that is known of a network without building it. A network exports one descriptor; the zoo lists them (ModelZoo.swift), and everything
// around a network works from it.
import Tensors

public struct ModelDescriptor: Sendable {
    /// As --model takes it: "ua-vls".
    public let name: String
    public let title: String
    public let citation: String
    public let image: ImageSpec
    /// The published network's text; nil where it reads none.
    public let text: TextShape?
    public let options: [ModelOption]
    /// Of the published network; with other options, see `recipe(_:)`.
    public let recipe: Recipe
    /// Weight files that it reads.
    public let weights: [WeightNaming]
    /// Endings of names of published checkpoints that follow from the rest, such as counters and tables: passed over.
    let derivedEntries: [String]
    /// Those of them that a checkpoint is written with.
    let derived: @Sendable (ModelSpecification, _ imageSize: Int) -> [DerivedEntry]
    /// Parts of published checkpoints that the network does not take, by the beginning of their names, each with a person's words for it.
    let foreignEntries: [String: String]
    private let readsText: @Sendable (ModelSpecification) -> Bool
    private let check: @Sendable (ModelSpecification) throws(NetworkError) -> Void
    private let adapt: @Sendable (inout Recipe, ModelSpecification) -> Void
    private let make: @Sendable (ModelSpecification, ModelSetup) -> any SegmentationModel
    private let count: (@Sendable (ModelSpecification, _ imageSize: Int) -> [ModuleArithmetic])?

    /// - Parameters:
    ///   - readsText: whether the network reads text with the options at hand; by default, where it has a `text`.
    ///   - check: refuses options that are good one by one and not together.
    ///   - adapt: changes the recipe where it depends on options.
    ///   - arithmetic: the work of each module from the sizes alone; without it `ModelSummary` measures a pass.
    ///   - make: builds the network; the specification's options have been checked and are complete.
    public init(
        name: String, title: String, citation: String, image: ImageSpec, text: TextShape?, options: [ModelOption] = [],
        recipe: Recipe = Recipe(), weights: [WeightNaming], derivedEntries: [String] = [".num_batches_tracked"],
        foreignEntries: [String: String] = [:],
        derived: @escaping @Sendable (ModelSpecification, _ imageSize: Int) -> [DerivedEntry] = { _, _ in [] },
        readsText: (@Sendable (ModelSpecification) -> Bool)? = nil,
        check: @escaping @Sendable (ModelSpecification) throws(NetworkError) -> Void = { _ in },
        adapt: @escaping @Sendable (inout Recipe, ModelSpecification) -> Void = { _, _ in },
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
        self.foreignEntries = foreignEntries
        self.derived = derived
        self.readsText = readsText ?? { _ in text != nil }
        self.check = check
        self.adapt = adapt
        self.make = make
        count = arithmetic
    }

    /// The published network.
    public var published: ModelSpecification {
        ModelSpecification(
            name: name, options: Dictionary(uniqueKeysWithValues: options.map { ($0.name, $0.defaultValue) }), text: text)
    }

    /// Whether captions reach the network.
    public func readsText(_ specification: ModelSpecification) -> Bool { readsText(specification) }

    /// Gives an option of a specification a value.
    /// - Throws: `unknownModelOption` or `badModelOption`, with what there is.
    public func set(_ option: String, to value: String, in specification: inout ModelSpecification) throws(NetworkError) {
        guard let known = options.first(where: { $0.name == option }) else {
            throw .unknownModelOption(model: name, option: option, known: options.map(\.name))
        }
        guard let value = known.canonical(value) else {
            throw .badModelOption(model: name, option: option, value: value, expected: known.expected)
        }
        specification.options[option] = value
    }

    /// The specification with every option checked; options that it lacks, which are younger than its file, as published.
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

    /// Builds a network.
    public func model(_ specification: ModelSpecification, _ setup: ModelSetup) throws(NetworkError) -> any SegmentationModel {
        make(try checked(specification), setup)
    }

    /// Nil where the network leaves it to be measured.
    func arithmetic(_ specification: ModelSpecification, imageSize: Int) -> [ModuleArithmetic]? { count?(specification, imageSize) }
}

/// An entry of a checkpoint that follows from a network's sizes.
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

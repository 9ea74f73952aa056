// `train models [NAME]`: lists the networks of the zoo, or describes one.
import CommandLineTool
import DeviceOptions
import Foundation
import Networks
import Tensors
import Training

let modelsCommand = Command(
    name: "models", summary: "Lists the networks, or describes one: size, options, recipe, weight files.",
    arguments: [Argument("NAME", "a network, such as ua-vls", optional: true)], options: [DeviceOptions.threads],
    examples: ["train models", "train models ua-vls"]
) { input in
    let backend = try CPUBackend(threads: try DeviceOptions.threads(input))
    guard let name = input.optionalArgument("NAME") else {
        for descriptor in ModelZoo.models { input.printLines(try heading(descriptor, backend)) }
        return input.print("`train models NAME` describes one.")
    }
    let descriptor = try TrainingError.wrapping { () throws(NetworkError) in try ModelZoo.descriptor(named: name) }
    input.printLines(try heading(descriptor, backend))
    let image = descriptor.image, recipe = descriptor.recipe
    input.print("images: \(image.size)x\(image.size) as published, or other multiples of \(image.multiple)")
    if let text = descriptor.text { input.print("captions: \(text.tokens) tokens, features of \(text.width) numbers as published") }
    if !descriptor.options.isEmpty {
        input.print("options, --model-option KEY=VALUE:")
        for option in descriptor.options {
            input.print("  \(option.name)=\(option.defaultValue)".padded(to: 32) + "\(option.help) (\(option.expected))")
        }
    }
    input.print(
        "recipe: \(recipe.epochs) epochs, at least \(recipe.minimumEpochs), patience \(recipe.patience), batch \(recipe.batchSize), --lr "
            + "\(recipe.learningRate)"
            + " to \(recipe.minimumLearningRate)\(recipe.restartEpochs.map { ", restarting every \($0) epochs" } ?? ""), "
            + (recipe.schedule == CosineSchedule.name ? "" : "schedule \(recipe.schedule), ")
            + (recipe.optimizer == SGD.name ? "\(recipe.optimizer) of momentum \(recipe.momentum), " : "")
            + "weight decay \(recipe.weightDecay), loss \(recipe.loss.name)" + otherLosses(descriptor).map { ", \($0)" }.joined()
    )
    input.print("weight files that load:")
    for naming in descriptor.weights { input.print("  " + naming.title) }
}

/// "seu-paper with equations=paper", for each value of an option that brings another loss.
private func otherLosses(_ descriptor: ModelDescriptor) -> [String] {
    descriptor.options.flatMap { option -> [String] in
        guard case .choice(let words) = option.values else { return [] }
        return words.compactMap { word in
            var specification = descriptor.published
            specification.options[option.name] = word
            let loss = descriptor.recipe(specification).loss.name
            return loss == descriptor.recipe.loss.name ? nil : "\(loss) with \(option.name)=\(word)"
        }
    }
}

/// Name, title, size, whether captions are read, and the citation.
private func heading(_ descriptor: ModelDescriptor, _ backend: any Backend) throws -> String {
    let summary = try TrainingError.wrapping { () throws(NetworkError) in
        try ModelSummary(try descriptor.model(descriptor.published, ModelSetup(backend: backend, trains: false, initialises: false)))
    }
    let size = String(format: "%.2f M parameters, %.2f GFLOP an image", Double(summary.parameters) * 1e-6, summary.operations * 1e-9)
    return descriptor.name.padded(to: 16)
        + "\(descriptor.title): \(size), \(descriptor.text == nil ? "reads no captions" : "reads captions")\n"
        + String(repeating: " ", count: 16) + descriptor.citation
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}

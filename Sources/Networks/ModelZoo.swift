// The one list of networks: a new one adds its descriptor here.
import Tensors
import WeightFiles

public enum ModelZoo {
    public static let models: [ModelDescriptor] = [
        UAVLS.descriptor,
        UNet.descriptor,
        SwinUnet.descriptor,
        Ariadne.descriptor,
    ]

    /// The network that is meant where none is named.
    public static let standard = UAVLS.descriptor

    public static var names: [String] { models.map(\.name) }

    public static func descriptor(named name: String) throws(NetworkError) -> ModelDescriptor {
        guard let found = models.first(where: { $0.name == name }) else { throw .unknownModel(name: name, known: names) }
        return found
    }

    /// The network of a checkpoint.
    public static func descriptor(of specification: ModelSpecification, path: String) throws(NetworkError) -> ModelDescriptor {
        guard let found = models.first(where: { $0.name == specification.name }) else {
            throw .unknownModelInFile(path: path, name: specification.name, known: names)
        }
        return found
    }

    /// The network that a file without a word on it is of: that whose published names it has most of; the standard one where no other has
    /// more.
    public static func recognised(in names: [String], backend: any Backend) throws(NetworkError) -> ModelDescriptor {
        var best = (descriptor: standard, matches: 0)
        for descriptor in [standard] + models {
            // Names and shapes alone: nothing is reserved.
            let model = try descriptor.model(descriptor.published, ModelSetup(backend: backend, trains: false, builds: false))
            let matches = NamePrefix.candidates(in: names) { model.parameters.info($0) != nil }.first?.matches ?? 0
            if matches > best.matches { best = (descriptor, matches) }
        }
        return best.descriptor
    }

    /// Builds the network that a specification names.
    public static func model(_ specification: ModelSpecification, _ setup: ModelSetup) throws(NetworkError) -> any SegmentationModel {
        try descriptor(named: specification.name).model(specification, setup)
    }
}

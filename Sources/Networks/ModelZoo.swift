// The one list of networks. A new network adds its descriptor here.
import Tensors
import WeightFiles

public enum ModelZoo {
    public static let models: [ModelDescriptor] = [
        UAVLS.descriptor,
        UNet.descriptor,
        SwinUnet.descriptor,
        Ariadne.descriptor,
    ]

    /// The default network.
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

    /// The network of a file without metadata: the one with the most published names in the file; `likely` if no other has more.
    public static func recognised(
        in names: [String], likely: ModelDescriptor = standard, backend: any Backend
    ) throws(NetworkError) -> ModelDescriptor {
        var best = (descriptor: likely, matches: 0)
        for descriptor in [likely] + models {
            // Names and shapes only: no memory is allocated.
            let model = try descriptor.model(descriptor.published, ModelSetup(backend: backend, trains: false, builds: false))
            let matches = NamePrefix.candidates(in: names) { model.parameters.info($0) != nil }.first?.matches ?? 0
            if matches > best.matches { best = (descriptor, matches) }
        }
        return best.descriptor
    }

    /// Builds the network of a specification.
    public static func model(_ specification: ModelSpecification, _ setup: ModelSetup) throws(NetworkError) -> any SegmentationModel {
        try descriptor(named: specification.name).model(specification, setup)
    }
}

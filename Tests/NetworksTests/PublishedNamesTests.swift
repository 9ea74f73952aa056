// The model's entries are the published state dict: every name and shape, nothing missing, nothing more.
import Foundation
import Networks
import Tensors
import Testing

@Suite struct PublishedNamesTests {
    struct Names: Decodable {
        struct Entry: Decodable { let name: String, shape: [Int], kind: String }
        let counts: [String: Int]
        let entries: [Entry]
    }

    @Test func modelHasThePublishedNamesAndShapes() throws {
        let url = try #require(Bundle.module.url(forResource: "Golden/names", withExtension: "json"))
        let names = try JSONDecoder().decode(Names.self, from: Data(contentsOf: url))
        let model = UAVLS(ModelSetup(backend: try CPUBackend(threads: 1), seed: 1, trains: false))
        let ours = Dictionary(uniqueKeysWithValues: model.parameters.entries.map { ($0.name, $0.fileShape) })
        // Batch norm's step counter and the position tables are derived: read past in checkpoints, not tensors of the model.
        let published = names.entries.filter { !$0.name.hasSuffix("num_batches_tracked") && !$0.name.hasSuffix("_pos.pe") }
        for entry in published { #expect(ours[entry.name] == entry.shape, "\(entry.name)") }
        #expect(Set(ours.keys).subtracting(published.map(\.name)).isEmpty)
        #expect(model.parameters.trainedCount == names.counts["trained"])
    }
}

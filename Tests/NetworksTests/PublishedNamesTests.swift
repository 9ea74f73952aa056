// The model's entries are the published state dict: every name and shape, nothing missing, nothing more.
import Foundation
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct PublishedNamesTests {
    struct Names: Codable {
        struct Entry: Codable { let name: String, shape: [Int], kind: String }
        let counts: [String: Int]
        let entries: [Entry]
    }

    @Test func modelHasThePublishedNamesAndShapes() throws {
        let url = try #require(Bundle.module.url(forResource: "Golden/names", withExtension: "json"))
        let data = try Data(contentsOf: url), names = try JSONDecoder().decode(Names.self, from: data)
        #expect(try unreadKeys(of: data, by: Names.self) == [])
        let model = UAVLS(ModelSetup(backend: try CPUBackend(threads: 1), seed: 1, trains: false))
        let ours = Dictionary(uniqueKeysWithValues: model.parameters.entries.map { ($0.name, $0.fileShape) })
        // Batch norm's step counter and the position tables are derived: read past in checkpoints, not tensors of the model.
        let published = names.entries.filter { !$0.name.hasSuffix("num_batches_tracked") && !$0.name.hasSuffix("_pos.pe") }
        for entry in published { #expect(ours[entry.name] == entry.shape, "\(entry.name)") }
        let roles: [String: ParameterInfo.Role] = ["parameter": .trained, "statistic": .statistic, "unused": .unused]
        for entry in published {
            #expect(roles[entry.kind] == model.parameters.entries.first { $0.name == entry.name }?.role, "\(entry.name) is \(entry.kind)")
        }
        #expect(Set(ours.keys).subtracting(published.map(\.name)).isEmpty)
        #expect(model.parameters.trainedCount == names.counts["trained"])
        func count(_ role: ParameterInfo.Role, _ prefixes: String...) -> Int {
            model.parameters.entries.filter { entry in entry.role == role && prefixes.contains { entry.name.hasPrefix($0) } }.reduce(0) {
                $0 + $1.count
            }
        }
        for part in ["decoder16", "decoder8", "decoder4"] { #expect(count(.trained, part + ".") == names.counts[part], "\(part)") }
        // Counted with its unused norm.
        #expect(count(.trained, "encoder.") + count(.unused, "encoder.model.") == names.counts["encoder"])
        #expect(count(.trained, "decoder1.", "out.") == names.counts["head"] && count(.unused, "") == names.counts["unused"])
        #expect(names.counts.count == 7)
    }
}

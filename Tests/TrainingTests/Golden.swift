// Reference values made by Scripts/golden/training.py.
import Foundation

struct TrainingGolden: Decodable {
    struct Cosine: Decodable { let base: Double, minimum: Double, epochs: Int, rates: [Double] }
    struct Bilinear: Decodable { let height: Int, width: Int, newHeight: Int, newWidth: Int, values: [Float], result: [Float] }
    let cosine: [Cosine]
    let bilinear: [Bilinear]

    static func load() throws -> TrainingGolden {
        let url = Bundle.module.bundleURL.appendingPathComponent("Golden/training.json")
        return try JSONDecoder().decode(TrainingGolden.self, from: Data(contentsOf: url))
    }
}

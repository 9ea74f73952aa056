// Pictures of samples for a page: the image as a small embedded JPEG, the mask's outline over it, id, split, caption, reasons.
import Datasets
import Foundation
import Imaging
import Statistics

struct SampleCards {
    /// The longer side of an embedded picture, in pixels.
    static let side = 224

    let dataset: MeasuredDataset
    private let places: [String: Int]

    init(_ dataset: MeasuredDataset) {
        self.dataset = dataset
        places = Dictionary(zip(dataset.measures.map(\.id), dataset.measures.indices), uniquingKeysWith: { first, _ in first })
    }

    func card(id: String, concerns: [Concern] = []) throws(StatisticsError) -> String {
        guard let index = places[id] else { return "" }
        let measure = dataset.measures[index]
        let reasons = concerns.map { "<li\($0.kind.isSmall ? " class=small" : "")>\(Markup.escaped($0.text))</li>" }.joined()
        return
            "<div class=card>\(try picture(index))<div class=text>\(Self.heading(measure))<p "
            + "class=caption>\(Markup.escaped(measure.caption ?? ""))</p>"
            + (reasons.isEmpty ? "" : "<ul>\(reasons)</ul>") + "</div></div>"
    }

    /// Two samples side by side under one line of text (markup).
    func pair(_ first: String, _ second: String, text: String) throws(StatisticsError) -> String {
        guard let one = places[first], let other = places[second] else { return "" }
        return "<div class=pair><div class=two>\(try half(one))\(try half(other))</div><div class=text>\(text)</div></div>"
    }

    private func half(_ index: Int) throws(StatisticsError) -> String {
        let measure = dataset.measures[index]
        return "<div>\(try picture(index))<div class=text>\(Self.heading(measure))\(Markup.escaped(measure.caption ?? ""))</div></div>"
    }

    private static func heading(_ measure: SampleMeasure) -> String {
        "<div class=id><span>\(Markup.escaped(measure.id))</span><span class=split>\(measure.split.rawValue)</span></div>"
    }

    private func picture(_ index: Int) throws(StatisticsError) -> String {
        let (image, mask) = try dataset.pictures[index]
        let scale = min(1, Double(Self.side) / Double(max(image.width, image.height)))
        let width = max(1, Int((Double(image.width) * scale).rounded())), height = max(1, Int((Double(image.height) * scale).rounded()))
        let jpeg: [UInt8]
        do { jpeg = try JPEGEncoder.encode(image.resizedBicubic(width: width, height: height), quality: 80) } catch {
            throw .drawing("\(error)")
        }
        let outline = MaskOutline.path(mask.resizedNearest(width: width, height: height))
        let lines =
            outline.isEmpty ? "" : "<path class=outline d=\"\(outline)\"></path><path class=\"outline light\" d=\"\(outline)\"></path>"
        return
            "<svg class=picture viewBox=\"0 0 \(width) \(height)\" role=img aria-label=\"\(Markup.escaped(dataset.measures[index].id))\">"
            + "<image href=\"data:image/jpeg;base64,\(Data(jpeg).base64EncodedString())\" width=\(width) "
            + "height=\(height)></image>\(lines)</svg>"
    }
}

// The panels on a page: each image is embedded once, and its columns draw outlines on it that can be hidden. Activation maps are pictures
// of their own, below.
import Explaining
import Foundation
import Imaging
import Reports

package enum PanelSection {
    /// The longer side of an embedded picture, in pixels.
    private static let side = 224

    /// - Parameter prefix: tells the ids of this section's pictures from those of others.
    package static func html(_ rows: [PanelRow], names: [String], prefix: String) throws(ComparingError) -> String {
        let head = (["true mask"] + names).map { "<th scope=col>\(Markup.escaped($0))</th>" }.joined()
        var body = ""
        for (number, row) in rows.enumerated() { body += try html(row, id: "\(prefix)\(number + 1)") }
        return "<div class=scroll><table class=panels><thead><tr>\(head)</tr></thead><tbody>\(body)</tbody></table></div>"
    }

    private static func html(_ row: PanelRow, id: String) throws(ComparingError) -> String {
        let scale = min(1, Double(side) / Double(max(row.image.width, row.image.height)))
        let width = max(1, Int((Double(row.image.width) * scale).rounded()))
        let height = max(1, Int((Double(row.image.height) * scale).rounded()))
        let small = row.image.resizedBicubic(width: width, height: height)
        func embedded(_ picture: Raster, _ id: String) throws(ComparingError) -> String {
            do throws(ImagingError) {
                let data = Data(try JPEGEncoder.encode(picture, quality: 80)).base64EncodedString()
                return "<image\(id) href=\"data:image/jpeg;base64,\(data)\" width=\(width) height=\(height)></image>"
            } catch { throw .drawing(reason: "\(error)") }
        }
        func outline(_ mask: Raster, _ style: String) -> String {
            let path = MaskOutline.path(mask.resizedNearest(width: width, height: height))
            return path.isEmpty
                ? "" : "<path class=outline d=\"\(path)\"></path><path class=\"outline \(style)\" d=\"\(path)\"></path>"
        }
        func picture(_ content: String, _ label: String) -> String {
            "<svg class=picture viewBox=\"0 0 \(width) \(height)\" role=img aria-label=\"\(Markup.escaped(label))\">\(content)</svg>"
        }
        let truth = outline(row.truth, "light")
        let image = try embedded(small, " id=\(id)")
        var cells = "<td>\(picture(image + truth, row.id + ", true mask"))</td>"
        for prediction in row.predictions {
            let content = "<use href=\"#\(id)\"></use>" + truth + outline(prediction.mask, "predicted")
            let dice = PanelRow.dice(prediction.dice)
            cells += "<td>\(picture(content, row.id + ", " + dice))<span>\(dice)</span></td>"
        }
        if row.isMapped {
            cells += "</tr><tr><td>\(picture("<use href=\"#\(id)\"></use>", row.id))</td>"
            for prediction in row.predictions {
                let heat = try prediction.activation.map { map throws(ComparingError) in
                    try embedded(HeatColours.activation(map, on: small.converted(toChannels: 3)), "")
                }
                cells += "<td>\(heat.map { picture($0 + truth, row.id + ", activation map") } ?? "")</td>"
            }
        }
        let caption = row.caption.map { " <span>\(Markup.escaped($0))</span>" } ?? ""
        return
            "<tr><th scope=rowgroup colspan=\(row.predictions.count + 1)><b>\(Markup.escaped(row.id))</b>\(caption)</th></tr><tr>\(cells)</tr>"
    }

    static let css = """
        .panels{border-spacing:0}.panels td,.panels th{padding:0 8px 6px 0;border:0}.panels td{width:232px;min-width:150px}
        .panels thead th{min-width:150px;max-width:232px;white-space:normal;overflow-wrap:anywhere}
        .panels tbody th{padding-top:12px;font-size:13.5px;max-width:60ch}.panels b{font-weight:600}.panels span{color:var(--soft);font-size:13px}
        .outline.predicted{stroke:#ff46dc;stroke-width:1.6;stroke-opacity:1}
        .key .truth{background:#2fbf3c}.key .predicted{background:#ff46dc}
        """
}

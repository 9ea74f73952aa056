// What the demo says about a scene's target, as a MedVLSM prompt set: p0 empty, p1 to p6 growing, p7 to p9 lists of five.
// Invariant: p6 states count, size, colour, shape and location of the target, and each of them is true of the picture.

struct DemoCaption: Encodable {
    /// MedVLSM's name for the fields of one object; only those a reader needs.
    struct Entry: Encodable {
        let img_name: String
        let mask_name: String
        let prompts: DemoCaption
    }

    let p0 = ""
    let p1: String, p2: String, p3: String, p4: String, p5: String, p6: String
    let p7: [String], p8: [String], p9: [String]

    private static let asides = [
        "which rises from the wall of the bowel", "which stands out from the lining around it", "which is a growth of the mucosa",
        "which catches the light on its upper side", "which casts a soft shadow",
    ]

    init(_ scene: DemoScene) {
        let place = scene.polyps[0].place.words
        p1 = "polyp"
        p2 = "\(scene.shape.rawValue) polyp"
        p3 = "\(scene.colour.rawValue) \(p2)"
        p4 = "\(scene.size.rawValue) \(p3)"
        p5 = "one \(p4)"
        p6 = "\(p5), located in \(place) of the image"
        let whole = p5
        p7 = Self.asides.map { "polyp \($0)" }
        p8 = Self.asides.map { "\(whole) \($0)" }
        p9 = Self.asides.map { "\(whole) \($0) located in \(place) of the image" }
    }
}

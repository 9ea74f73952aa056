// Draws a demo scene: an endoscope-like view of mucosa (folds, vessels, vignette, wet highlights) with the scene's polyps, and the target's
// mask. Not a simulator: a network needs shape and colour to segment it, and a small training run can learn it.
// Invariant: only + - * / and square roots, so that every machine draws the same bytes.
import Randomness

struct DemoPainter {
    private struct Colour {
        var red: Double, green: Double, blue: Double
        static func mix(_ a: Colour, _ b: Colour, _ t: Double) -> Colour {
            Colour(red: a.red + (b.red - a.red) * t, green: a.green + (b.green - a.green) * t, blue: a.blue + (b.blue - a.blue) * t)
        }
        func scaled(_ by: Double) -> Colour { Colour(red: red * by, green: green * by, blue: blue * by) }
        func lifted(_ by: Double) -> Colour { Colour(red: red + by, green: green + by, blue: blue + by) }
    }

    private let scene: DemoScene
    private let texture, folds, vessels, bumps: SmoothNoise
    private let base: Colour
    private let lightX, lightY: Double
    private let foldX, foldY: Double
    private let glints: [(x: Double, y: Double, length: Double, thickness: Double)]

    init(_ scene: DemoScene) {
        self.scene = scene
        var random = SplitMix64(seed: scene.seed, stream: 1)
        texture = SmoothNoise(seed: random.next())
        folds = SmoothNoise(seed: random.next())
        vessels = SmoothNoise(seed: random.next())
        bumps = SmoothNoise(seed: random.next())
        base = Colour(
            red: random.number(in: 176...208), green: random.number(in: 104...128), blue: random.number(in: 74...98))
        // The light comes from somewhere above the middle of the view.
        lightX = Double(scene.width) * random.number(in: 0.38...0.62)
        lightY = Double(scene.height) * random.number(in: 0.36...0.6)
        (foldX, foldY) = DemoScene.direction(&random)
        var glints: [(x: Double, y: Double, length: Double, thickness: Double)] = []
        for _ in 0..<(3 + random.index(below: 5)) {
            glints.append(
                (
                    x: Double(scene.width) * random.number(in: 0.1...0.9), y: Double(scene.height) * random.number(in: 0.1...0.9),
                    length: random.number(in: 3...8), thickness: random.number(in: 1.2...2.4)
                ))
        }
        self.glints = glints
    }

    /// The picture, RGB rows of `width * 3` bytes, and the target's mask, 255 inside and 0 outside, rows of `width` bytes.
    func draw() -> (image: [UInt8], mask: [UInt8]) {
        var image: [UInt8] = [], mask: [UInt8] = []
        image.reserveCapacity(scene.width * scene.height * 3)
        mask.reserveCapacity(scene.width * scene.height)
        var grain = SplitMix64(seed: scene.seed, stream: 2)
        for row in 0..<scene.height {
            for column in 0..<scene.width {
                let x = Double(column) + 0.5, y = Double(row) + 0.5
                var colour = mucosa(x, y)
                for polyp in scene.polyps { colour = painted(polyp, over: colour, x, y) }
                colour = lit(colour, x, y)
                let noise = (grain.unit() + grain.unit() - 1) * 7
                image.append(Self.byte(colour.red + noise))
                image.append(Self.byte(colour.green + noise))
                image.append(Self.byte(colour.blue + noise))
                mask.append(scene.polyps[0].distance(x, y) < 1 ? 255 : 0)
            }
        }
        return (image, mask)
    }

    private func mucosa(_ x: Double, _ y: Double) -> Colour {
        let tone = texture.layered(x / 46, y / 46, octaves: 4)
        var colour = base.scaled(1 + 0.13 * tone)
        // Folds: dark creases across one direction, bent by noise.
        let along = (x * foldX + y * foldY) / 62 + 0.7 * folds.value(x / 90, y / 90)
        let crease = Self.ridge(along - along.rounded(.down) - 0.5, width: 0.16)
        colour = colour.scaled(1 - 0.24 * crease)
        // Vessels: thin red lines where a smooth field crosses zero.
        let vessel = Self.ridge(vessels.layered(x / 58, y / 58, octaves: 2), width: 0.022)
        return Colour.mix(colour, Colour(red: 150, green: 52, blue: 44), 0.42 * vessel)
    }

    private func painted(_ polyp: DemoScene.Polyp, over below: Colour, _ x: Double, _ y: Double) -> Colour {
        let distance = polyp.distance(x, y)
        // A soft shadow below and to the right of the polyp lifts it off the wall.
        let shadow = 1 - Self.ramp(polyp.distance(x - 5, y - 6), from: 0.85, to: 1.3)
        let ground = below.scaled(1 - 0.28 * shadow)
        guard distance < 1.15 else { return ground }
        let tone: Colour =
            switch scene.colour {
            case .pink: Colour(red: 236, green: 142, blue: 150)
            case .red: Colour(red: 196, green: 54, blue: 52)
            case .brown: Colour(red: 128, green: 72, blue: 44)
            case .white: Colour(red: 236, green: 218, blue: 198)
            }
        // A dome seen from above, its normal tilted by small bumps: Lambert shading with the light up and to the left.
        let inside = min(distance, 1)
        let dx = (x - polyp.centreX) / polyp.radiusA, dy = (y - polyp.centreY) / polyp.radiusA
        let lift = (1 - inside * inside * 0.86).squareRoot()
        let shade = 0.60 * lift - 0.24 * dx - 0.30 * dy + 0.07 * bumps.layered(x / 9, y / 9, octaves: 2)
        var body = tone.scaled(0.58 + 0.62 * max(shade, 0))
        // A wet highlight on the lit side.
        let hx = dx + 0.32, hy = dy + 0.36
        let gloss = 1 - Self.ramp((hx * hx + hy * hy * 1.8).squareRoot(), from: 0.06, to: 0.24)
        body = body.lifted(95 * gloss)
        return Colour.mix(body, ground, Self.ramp(distance, from: 0.97, to: 1.05))
    }

    private func lit(_ colour: Colour, _ x: Double, _ y: Double) -> Colour {
        let dx = (x - lightX) / Double(scene.width), dy = (y - lightY) / Double(scene.height)
        let falloff = 1.12 / (1 + 1.5 * (dx * dx + dy * dy))
        // The dark frame of the lens: a rounded square.
        let ex = abs(x / Double(scene.width) * 2 - 1), ey = abs(y / Double(scene.height) * 2 - 1)
        let edge = (ex * ex * ex * ex + ey * ey * ey * ey).squareRoot()
        var result = colour.scaled(falloff * (1 - 0.92 * Self.ramp(edge, from: 0.98, to: 1.16)))
        for glint in glints {
            let u = (x - glint.x) / glint.length, v = (y - glint.y) / glint.thickness
            let strength = 1 - Self.ramp((u * u + v * v).squareRoot(), from: 0.5, to: 1.2)
            result = result.lifted(110 * strength)
        }
        return result
    }

    /// 1 at zero, falling smoothly to 0 at `width` on both sides.
    private static func ridge(_ value: Double, width: Double) -> Double { 1 - ramp(abs(value), from: 0, to: width) }

    /// 0 below `from`, 1 above `to`, smooth between.
    private static func ramp(_ value: Double, from: Double, to: Double) -> Double {
        SmoothNoise.eased(min(max((value - from) / (to - from), 0), 1))
    }

    private static func byte(_ value: Double) -> UInt8 { UInt8(min(max(value.rounded(), 0), 255)) }
}

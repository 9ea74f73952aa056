// What one demo image shows: its size, its polyps and the one that the caption means. Not for drawing (DemoPainter) or captions
// (DemoCaption).
// Invariants: a scene is a pure function of (seed, index); every third scene (index 1, 4, 7, ...) holds two polyps that
// share size, colour and shape, so that only the caption's location tells the target (`polyps[0]`) from the other.
import Randomness

package struct DemoScene: Sendable {
    package enum Size: String, CaseIterable { case small, medium, large }
    package enum Colour: String, CaseIterable { case pink, red, brown, white }
    package enum Shape: String, CaseIterable { case round, oval, irregular }

    /// One of nine parts of the picture; `column` and `row` are -1, 0 or 1.
    package struct Place: Sendable, Equatable {
        package let column: Int, row: Int
        package var words: String {
            let vertical = row < 0 ? "top" : row > 0 ? "bottom" : ""
            let horizontal = column < 0 ? "left" : column > 0 ? "right" : ""
            let both = [vertical, horizontal].filter { !$0.isEmpty }.joined(separator: " ")
            return both.isEmpty ? "center" : both
        }
    }

    package struct Polyp: Sendable {
        package let place: Place
        /// Centre in pixels, and the two radii in pixels along the rotated axes.
        package let centreX: Double, centreY: Double, radiusA: Double, radiusB: Double
        /// The first axis, a unit vector.
        let axisX: Double, axisY: Double
        /// How far the outline may differ from the ellipse, as a fraction of the radius.
        let unevenness: Double
        let outline: SmoothNoise
    }

    let index: Int
    let width: Int, height: Int
    let size: Size, colour: Colour, shape: Shape
    /// The first is the annotated target; a second one is a distractor.
    package let polyps: [Polyp]
    let seed: UInt64

    package static func holdsTwo(index: Int) -> Bool { index % 3 == 1 }

    package init(seed: UInt64, index: Int) {
        var random = SplitMix64(seed: seed, stream: UInt64(index))
        self.index = index
        self.seed = random.next()
        let sizes = [(256, 256), (288, 256), (320, 256), (320, 288), (304, 272)]
        (width, height) = sizes[random.index(below: sizes.count)]
        let two = Self.holdsTwo(index: index)
        // Two large ones would touch.
        size = two ? [Size.small, .medium][random.index(below: 2)] : Size.allCases[random.index(below: 3)]
        colour = Colour.allCases[random.index(below: Colour.allCases.count)]
        shape = Shape.allCases[random.index(below: Shape.allCases.count)]
        let first = two ? Self.sidePlace(&random) : Place(column: random.index(below: 3) - 1, row: random.index(below: 3) - 1)
        let places = two ? [first, Place(column: -first.column, row: -first.row)] : [first]
        var polyps: [Polyp] = []
        for place in places { polyps.append(Self.polyp(at: place, size: size, shape: shape, width: width, height: height, &random)) }
        self.polyps = polyps
    }

    /// A place away from the middle; the distractor goes to the opposite one. Left and right are the most frequent.
    private static func sidePlace(_ random: inout SplitMix64) -> Place {
        let sign = random.index(below: 2) * 2 - 1
        let kind = random.unit()
        if kind < 0.5 { return Place(column: sign, row: 0) }
        if kind < 0.75 { return Place(column: 0, row: sign) }
        return Place(column: sign, row: random.index(below: 2) * 2 - 1)
    }

    private static func polyp(
        at place: Place, size: Size, shape: Shape, width: Int, height: Int, _ random: inout SplitMix64
    ) -> Polyp {
        let side = Double(min(width, height))
        let mean =
            side
            * (size == .small
                ? random.number(in: 0.085...0.105)
                : size == .medium ? random.number(in: 0.125...0.16) : random.number(in: 0.20...0.25))
        let ratio = shape == .oval ? random.number(in: 0.52...0.66) : random.number(in: 0.92...1)
        // Both radii from the mean, so that the area (and the caption's size word) does not depend on the ratio.
        let stretch = ratio.squareRoot()
        let (axisX, axisY) = direction(&random)
        // The whole outline must fit into the image, and the centre must be in the third of the image that the caption names.
        let reach = mean / stretch * 1.25 + 6
        func centre(_ step: Int, _ length: Int) -> Double {
            let extent = Double(length)
            let wanted = extent * (0.5 + 0.27 * Double(step) + random.number(in: -0.045...0.045))
            return min(max(wanted, reach), extent - reach)
        }
        return Polyp(
            place: place, centreX: centre(place.column, width), centreY: centre(place.row, height),
            radiusA: mean / stretch, radiusB: mean * stretch, axisX: axisX, axisY: axisY,
            unevenness: shape == .irregular ? random.number(in: 0.20...0.28) : random.number(in: 0.02...0.045),
            outline: SmoothNoise(seed: random.next()))
    }

    /// A uniform direction by rejection: no sine or cosine, whose last bits differ between systems.
    static func direction(_ random: inout SplitMix64) -> (Double, Double) {
        while true {
            let x = random.number(in: -1...1), y = random.number(in: -1...1)
            let square = x * x + y * y
            if square > 0.01 && square <= 1 {
                let length = square.squareRoot()
                return (x / length, y / length)
            }
        }
    }
}

extension DemoScene.Polyp {
    /// The distance from the centre in units of the outline: below 1 inside, 1 on it, above 1 outside. The outline is star-shaped: one
    /// piece, no holes.
    package func distance(_ x: Double, _ y: Double) -> Double {
        let dx = x - centreX, dy = y - centreY
        let u = (dx * axisX + dy * axisY) / radiusA, v = (dy * axisX - dx * axisY) / radiusB
        let radius = (u * u + v * v).squareRoot()
        guard radius > 1e-9 else { return 0 }
        // Noise on the unit circle depends on the direction only, and closes on itself.
        return radius / (1 + unevenness * outline.value(u / radius * 1.6 + 9, v / radius * 1.6 + 9))
    }
}

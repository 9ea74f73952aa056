// Components equal those of a flood fill, whatever the shape.
import Metrics
import Randomness
import Testing

@Suite struct ComponentTests {
    /// Labels by flood fill over eight neighbours, in the order of first pixels.
    private static func flooded(_ mask: BinaryMask) -> [Int32] {
        var labels = [Int32](repeating: 0, count: mask.pixels.count), next: Int32 = 0
        for start in labels.indices where mask.pixels[start] != 0 && labels[start] == 0 {
            next += 1
            var waiting = [start]
            labels[start] = next
            while let place = waiting.popLast() {
                let (row, column) = (place / mask.width, place % mask.width)
                for nearRow in max(row - 1, 0)...min(row + 1, mask.height - 1) {
                    for nearColumn in max(column - 1, 0)...min(column + 1, mask.width - 1) {
                        let near = nearRow * mask.width + nearColumn
                        if mask.pixels[near] != 0 && labels[near] == 0 {
                            labels[near] = next
                            waiting.append(near)
                        }
                    }
                }
            }
        }
        return labels
    }

    @Test func labelsAreThoseOfAFloodFill() throws {
        var generator = SplitMix64(seed: 7)
        for (width, height) in testSizes + [(40, 30)] {
            for share in [0, 0.1, 0.3, 0.45, 0.7, 1] {
                let mask = try BinaryMask.random(width: width, height: height, share: share, &generator)
                let components = MaskComponents(mask), labels = Self.flooded(mask)
                #expect(components.labels == labels)
                #expect(components.count == Int(labels.max() ?? 0))
                #expect(components.components.reduce(0) { $0 + $1.area } == mask.area)
                for (index, component) in components.components.enumerated() {
                    let own = try BinaryMask(width: width, height: height, values: labels.map { $0 == index + 1 ? 1 : 0 })
                    #expect(component.area == own.area && component.bounds == own.bounds)
                }
            }
        }
    }

    @Test func cornersJoin() throws {
        #expect(MaskComponents(try BinaryMask(rows: ["#..", ".#.", "..#"])).count == 1)
        #expect(MaskComponents(try BinaryMask(rows: ["..#", ".#.", "#.."])).count == 1)
        #expect(MaskComponents(try BinaryMask(rows: ["#.#", "...", "#.#"])).count == 4)
    }

    @Test func aLateJoinKeepsTheFirstNumber() throws {
        // The left arm comes second in the first row and is joined with the third only in the last row.
        let components = MaskComponents(try BinaryMask(rows: ["#.#.#", "#.#.#", "#.###"]))
        #expect(components.components.map(\.area) == [3, 7])
        #expect(components.components[1].bounds == PixelBox(rows: 0..<3, columns: 2..<5))
    }
}

// Masks as run lengths: every mask comes back, in one encoding; all other bytes are refused with the reason.
import Imaging
import Testing

@Suite struct MaskRunsTests {
    /// A small generator of the test's own.
    private struct Numbers {
        var state: UInt64
        mutating func next(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
    }

    private static func mask(_ width: Int, _ height: Int, _ pixels: [UInt8]) -> Raster {
        Raster(width: width, height: height, channels: 1, pixels: pixels)
    }

    private static func comesBack(_ mask: Raster) throws {
        let bytes = MaskRuns.encode(mask)
        #expect(try MaskRuns.decode(bytes, width: mask.width, height: mask.height) == mask)
    }

    @Test func theBytesAreThoseOfTheDocument() {
        #expect(MaskRuns.encode(Self.mask(4, 2, [0, 0, 1, 1, 1, 0, 0, 0])) == [1, 2, 3, 3])
        #expect(MaskRuns.encode(Self.mask(2, 2, [1, 0, 0, 1])) == [1, 0, 1, 2, 1])
        #expect(MaskRuns.encode(Self.mask(3, 1, [0, 0, 0])) == [1, 3])
        #expect(MaskRuns.encode(Self.mask(1, 3, [1, 1, 1])) == [1, 0, 3])
        // 300 = 2 * 128 + 44.
        #expect(MaskRuns.encode(Raster(width: 100, height: 3, channels: 1)) == [1, 44 | 0x80, 2])
        #expect(MaskRuns.encode(Raster(width: 128, height: 128, channels: 1, filledWith: 1)) == [1, 0, 0x80, 0x80, 1])
        // Foreground is all but 0.
        #expect(MaskRuns.encode(Self.mask(2, 1, [0, 255])) == [1, 1, 1])
    }

    @Test func everyMaskComesBack() throws {
        var numbers = Numbers(state: 0x2545_F491_4F6C_DD1D)
        for round in 0..<400 {
            let width = round % 5 == 0 ? 1 : 1 + numbers.next(70), height = round % 7 == 0 ? 1 : 1 + numbers.next(70)
            // From noise to long runs.
            let change = [2, 3, 10, 100, 3000][numbers.next(5)]
            var value = UInt8(numbers.next(2))
            let pixels = (0..<width * height).map { _ in
                if numbers.next(change) == 0 { value = 1 - value }
                return value
            }
            try Self.comesBack(Self.mask(width, height, pixels))
        }
        for (width, height) in [(1, 1), (1, 1000), (1000, 1), (7, 9), (640, 480)] {
            for value in [0, 1] as [UInt8] { try Self.comesBack(Raster(width: width, height: height, channels: 1, filledWith: value)) }
        }
    }

    @Test func aMaskOfOneShapeIsSmall() {
        let size = 512
        let pixels = (0..<size * size).map { i -> UInt8 in
            let x = i % size - 256, y = i / size - 200
            return x * x + y * y < 120 * 120 ? 1 : 0
        }
        // Two lengths for each row of the disc, three bytes.
        #expect(MaskRuns.encode(Self.mask(size, size, pixels)).count < 240 * 4)
    }

    private static func reason(_ bytes: [UInt8], _ width: Int = 4, _ height: Int = 2, limits: DecodeLimits = .standard) -> String? {
        do throws(ImagingError) {
            _ = try MaskRuns.decode(bytes, width: width, height: height, limits: limits)
            return nil
        } catch {
            guard case .damagedRuns(width, height, let reason) = error else { return "\(error)" }
            return reason
        }
    }

    @Test func damageIsRefusedWithItsReason() {
        #expect(Self.reason([1, 2, 3, 3]) == nil)
        #expect(Self.reason([]) == "no bytes")
        #expect(Self.reason([2, 2, 3, 3]) == "format 2, expected 1")
        #expect(Self.reason([1]) == "runs of 0 pixels")
        #expect(Self.reason([1, 2, 3]) == "runs of 5 pixels")
        #expect(Self.reason([1, 2, 3, 4]) == "runs of more than 8 pixels")
        #expect(Self.reason([1, 2, 3, 3, 0]) == "an empty run at pixel 8")
        #expect(Self.reason([1, 2, 0, 6]) == "an empty run at pixel 2")
        #expect(Self.reason([1, 2, 3, 0x83]) == "the last length is cut")
        #expect(Self.reason([1, 0x82, 0, 3, 3]) == "a length with a byte too many")
        #expect(Self.reason([1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]) == "a run of more than 8 pixels")
        for (width, height) in [(0, 2), (2, -1), (65_501, 1), (Int.max, Int.max), (20_000, 20_000)] {
            #expect(Self.reason([1, 8], width, height) == "expected 1 to 65500 on a side and at most 100000000 pixels")
        }
        #expect(Self.reason([1, 8], limits: DecodeLimits(maximumPixels: 7, maximumSide: 9)) != nil)
    }

    /// What is accepted after any change is a mask whose encoding these bytes are.
    @Test func noMaskHasTwoEncodings() {
        var numbers = Numbers(state: 0x9E37_79B9_7F4A_7C15)
        var accepted = 0
        for _ in 0..<20_000 {
            let bytes: [UInt8] = [1] + (0..<numbers.next(6)).map { _ in UInt8(numbers.next(3) == 0 ? numbers.next(256) : numbers.next(5)) }
            guard let mask = try? MaskRuns.decode(bytes, width: 3, height: 3) else { continue }
            accepted += 1
            #expect(MaskRuns.encode(mask) == bytes)
        }
        #expect(accepted > 100)
    }
}

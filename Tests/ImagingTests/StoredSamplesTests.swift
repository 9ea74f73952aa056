// Samples as files store them: every golden file gives Pillow's own values, at their own depth, with palette and alpha.
import Files
import Imaging
import Testing

@Suite struct StoredSamplesTests {
    private static func digest(_ values: [UInt16]) -> String {
        Digest.sha256(values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
    }

    @Test(arguments: Golden.all.images)
    func samplesAreThoseOfTheFile(_ golden: Golden.Image) throws {
        let bytes = try golden.bytes()
        let stored = try ImageDecoder.decodeStored(bytes)
        #expect(stored.width == golden.width)
        #expect(stored.height == golden.height)
        #expect(stored.bits == golden.stored.bits)
        #expect(stored.isLossy == golden.stored.lossy)
        #expect(stored.alpha.map(Self.digest) == golden.stored.alpha)
        #expect(stored.samples.allSatisfy { Int($0) <= stored.maximum })
        switch stored.kind {
        case .grey: #expect(golden.stored.kind == "grey" && golden.stored.palette == nil || stored.isLossy)
        case .colour: #expect(golden.stored.kind == "colour" && golden.stored.palette == nil)
        case .palette(let colours):
            #expect(golden.stored.kind == "palette")
            #expect(golden.stored.palette == Digest.sha256(colours.flatMap { [$0.red, $0.green, $0.blue] }))
            #expect(stored.samples.allSatisfy { Int($0) < colours.count })
        }
        // A JPEG that stores grey as colours may come as grey.
        if stored.kind == .grey && golden.stored.kind == "colour" {
            let whole = try ImageDecoder.decode(bytes).raster
            #expect(
                Raster(width: stored.width, height: stored.height, channels: 1, pixels: stored.samples.map { UInt8($0) }).converted(
                    toChannels: 3) == whole)
        } else {
            #expect(Self.digest(stored.samples) == golden.stored.samples)
        }
    }

    @Test(arguments: Golden.all.images)
    func damageAndLimitsAreThoseOfDecode(_ golden: Golden.Image) throws {
        let bytes = try golden.bytes()
        func message(_ bytes: [UInt8], _ limits: DecodeLimits = DamageTests.limits, stored: Bool) -> String? {
            do throws(ImagingError) {
                if stored {
                    _ = try ImageDecoder.decodeStored(bytes, limits: limits)
                } else {
                    _ = try ImageDecoder.decode(bytes, limits: limits)
                }
                return nil
            } catch { return "\(error)" }
        }
        for cut in [0, 1, 7, bytes.count / 4, bytes.count / 2, bytes.count * 3 / 4, bytes.count - 1] where cut < bytes.count {
            #expect(message(Array(bytes[0..<cut]), stored: true) == message(Array(bytes[0..<cut]), stored: false), "cut to \(cut)")
        }
        var position = 5
        while position < bytes.count {
            var damaged = bytes
            damaged[position] ^= 0x81
            #expect(message(damaged, stored: true) == message(damaged, stored: false), "byte \(position)")
            position += max(1, bytes.count / 97)
        }
        let small = DecodeLimits(maximumPixels: golden.width * golden.height - 1, maximumSide: 1000)
        #expect(message(bytes, small, stored: true) == message(bytes, small, stored: false))
    }

    @Test func indexesBeyondThePaletteAreBlack() throws {
        // A palette of 16 colours cut to 3: libpng, as Pillow, goes on.
        var bytes = try Golden.bytes("palette4.png")
        let chunk = try #require((0..<bytes.count - 4).first { Array(bytes[$0..<$0 + 4]) == Array("PLTE".utf8) })
        let cut = Array(bytes[chunk..<chunk + 4 + 9])
        bytes.replaceSubrange(chunk - 4..<chunk + 4 + 48 + 4, with: [0, 0, 0, 9] + cut + DamageTests.checksum(cut[...]))
        let stored = try ImageDecoder.decodeStored(bytes)
        guard case .palette(let colours) = stored.kind else { Issue.record("no palette"); return }
        #expect(colours.count == 16)
        #expect(colours[3...].allSatisfy { $0 == PaletteColour(red: 0, green: 0, blue: 0) })
    }
}

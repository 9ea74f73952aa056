// The mark changes no pixel and is found again; a picture without it is somebody else's.
import Files
import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct PictureMarkTests {
    @Test func pixelsStayAndTheMarkIsFound() throws {
        let folder = try TemporaryFolder("mark")
        for channels in [1, 3] {
            let raster = Raster(width: 7, height: 5, channels: channels, pixels: (0..<(35 * channels)).map { UInt8($0 * 2) })
            for (name, plain) in [("a.png", try PNGEncoder.encode(raster)), ("a.jpg", try JPEGEncoder.encode(raster))] {
                let marked = PictureMark.marked(plain)
                #expect(marked.count > plain.count)
                #expect(try ImageDecoder.decode(marked).raster == (try ImageDecoder.decode(plain).raster))
                #expect(!PictureMark.isOn(try folder.write(plain, to: name)))
                #expect(PictureMark.isOn(try folder.write(marked, to: name)))
            }
        }
        #expect(PictureMark.marked([1, 2, 3]) == [1, 2, 3])
        #expect(!PictureMark.isOn(try folder.write("words", to: "words.png")) && !PictureMark.isOn(folder.file("nothing.png")))
    }
}

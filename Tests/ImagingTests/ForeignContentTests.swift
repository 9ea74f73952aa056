// What stands in a picture's place is named, with the cure that fits it; only pictures of other formats are to be converted.
import Imaging
import Testing

@Suite struct ForeignContentTests {
    private static func refused(_ bytes: [UInt8]) -> (found: String, cure: String)? {
        do throws(ImagingError) {
            _ = try ImageDecoder.decode(bytes)
            return nil
        } catch {
            guard case .unrecognised(let found, let cure) = error else { return nil }
            return (found, cure)
        }
    }

    private static func dicom() -> [UInt8] { [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + [UInt8](repeating: 1, count: 60) }
    private static func nifti() -> [UInt8] {
        [0x5C, 1, 0, 0] + [UInt8](repeating: 0, count: 340) + [0x6E, 0x2B, 0x31, 0] + [UInt8](repeating: 0, count: 60)
    }

    static let cases: [(bytes: [UInt8], found: String, cure: String)] = [
        (Array("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n".utf8), "Git LFS pointer", "run `git lfs pull`"),
        (Array("/annex/objects/MD5E-s123--abc.png\n".utf8), "git-annex pointer", "run `git annex get`"),
        (
            Array("<!DOCTYPE html>\n<html><head><title>404 Not\n Found</title></head></html>".utf8), "a web page (\"404 Not Found\")",
            "download it again"
        ),
        ([0xEF, 0xBB, 0xBF] + Array("\r\n  <HTML>\u{1B}[2J</HTML>".utf8), "a web page", "download it again"),
        (Array("<?xml version=\"1.0\"?><!DOCTYPE html><html lang=\"de\">".utf8), "a web page", "download it again"),
        (
            Array("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>".utf8), "a server's error message (AccessDenied)",
            "download it again"
        ),
        (Array("{\"message\": \"Not Found\"}".utf8), "a JSON text", "download the picture again if this is a server's answer"),
        (dicom(), "a DICOM file", "convert it to 8-bit PNG with the window"),
        ([8, 0, 5, 0] + Array("CS".utf8) + [UInt8](repeating: 1, count: 200), "a DICOM file", "dcm2niix"),
        (nifti(), "a NIfTI volume", "save its slices as 8-bit PNG"),
        ([0x93] + Array("NUMPY\u{1}\0v\0{'descr': '|u1'}".utf8), "a NumPy array", "Image.fromarray"),
        ([0x1F, 0x8B, 8, 8, 0, 0, 0, 0, 0, 3] + Array("scan.nii\0abcdefgh".utf8), "gzip-compressed file of scan.nii", "`gunzip`"),
        (
            [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 22) + [5, 0, 0, 0] + Array("a.png_____".utf8),
            "ZIP archive that begins with a.png", "`unzip`"
        ),
        ([UInt8](repeating: 0, count: 40), "all its 40 bytes are zero", "copy or download it again"),
        ([UInt8](repeating: 0, count: 4096) + [7], "its first 4096 bytes are zero", "copy or download it again"),
        ([0x89, 0x50, 0x4E], "only the first 3 bytes of a picture", "copy or download it again"),
        ([0x89, 0x50, 0x4E, 0x47, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13], "text-mode transfer", "in binary mode"),
        (Array("iVBORw0KGgoAAAANSUhEUgAA".utf8), "base64", "base64 -d"),
        ([0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20, 0x0D, 0x0A], "a JPEG 2000 picture", "convert it to PNG"),
        ([0, 0, 0, 0x20] + Array("ftypheic".utf8) + [0, 0, 0, 0], "a HEIC picture", "convert it to PNG"),
        (Array("P5\n3 3\n255\n".utf8) + [1, 2, 3, 4, 5, 6, 7, 8, 9], "a Netpbm picture", "convert it to PNG"),
        (Array("%PDF-1.4\n".utf8), "a PDF", "pdfimages"),
        (Array("BMI,caption\n24,one polyp\n".utf8), "text starting with \"BMI,caption 24,one polyp", "put the picture in its place"),
        ([5, 1, 2, 254], "it starts with the bytes 05 01 02 fe", "find out what it is"),
    ]

    @Test(arguments: cases.indices)
    func isNamedWithItsCure(_ index: Int) throws {
        let (bytes, found, cure) = Self.cases[index]
        let refused = try #require(Self.refused(bytes))
        #expect(refused.found.contains(found), "\(refused.found)")
        #expect(refused.cure.contains(cure), "\(refused.cure)")
        let message = "\(ImagingError.unrecognised(found: refused.found, cure: refused.cure))"
        #expect(message.hasPrefix("not a PNG, JPEG, TIFF, BMP, GIF or WebP image: "))
        #expect(message.utf8.allSatisfy { $0 >= 32 && $0 < 127 }, "a message that would reach the terminal unfiltered")
    }

    @Test func anyBytesGiveAPrintableMessage() {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        for _ in 0..<3000 {
            var bytes = Self.cases[Int(state >> 33) % Self.cases.count].bytes
            for _ in 0..<4 {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                bytes[Int(state % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: state >> 20)
            }
            guard let refused = Self.refused(Array(bytes.prefix(Int(state >> 8) % 400 + 1))) else { continue }
            #expect((refused.found + refused.cure).utf8.allSatisfy { $0 >= 32 && $0 < 127 })
        }
    }
}

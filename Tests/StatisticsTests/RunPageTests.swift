// The report of a training, as a function of plain values: whole, self-contained, bounded, escaped, and right about what there is.
import Files
import Foundation
import Imaging
import Reports
import TestSupport
import Testing

@Suite struct RunPageTests {
    /// A run of made epochs, with eight samples whose predictions grow towards the truth.
    private func run(epochs: Int, planned: Int = 60, stepsPerEpoch: Int = 25, outlined: Bool = true) -> RunRecord {
        var run = RunRecord(name: "made <run>")
        run.plannedEpochs = planned
        run.imagesPerEpoch = 100
        run.settings = [("model", "ua-vls"), ("shards", "/data/<shards>")]
        run.scores = [
            .init(column: "dice", title: "Dice", scope: "all pixels"), .init(column: "image_dice", title: "Dice", scope: "mean of images"),
            .init(column: "iou", title: "IoU", scope: "all pixels"),
        ]
        var csv = "epoch,step,learning_rate,train_loss,train_dice_loss,train_bce_loss,val_loss,val_dice_loss,val_bce_loss,"
        csv += "val_dice,val_iou,val_image_dice,best,complete\n"
        var log = "", timing = "epoch,train_seconds,train_images,images_per_second,validation_seconds\n", best = Double.infinity
        for epoch in 1...max(1, epochs) where epoch <= epochs {
            let time = Double(epoch) / 10, loss = exp(-time) + 0.2, validation = exp(-time) + 0.3 + 0.002 * Double(epoch)
            for batch in 1...stepsPerEpoch {
                let step = (epoch - 1) * stepsPerEpoch + batch, noisy = loss + 0.1 * sin(Double(step * step))
                log += "{\"step\":\(step),\"epoch\":\(epoch),\"batch\":\(batch),\"learning_rate\":\(3e-4 * exp(-time)),\"loss\":\(noisy),"
                log += "\"dice\":\(noisy / 2),\"bce\":\(noisy / 2)}\n"
            }
            let dice = 1 - exp(-time), isBest = validation < best
            best = min(best, validation)
            csv +=
                "\(epoch),\(epoch * stepsPerEpoch),0.0003,\(loss),\(loss / 2),\(loss / 2),\(validation),\(validation / 2),\(validation / 2),"
            csv += "\(dice),\(dice * 0.9),\(dice * 0.95),\(isBest ? 1 : 0),1\n"
            timing += "\(epoch),10.0,100,\(10 + sin(Double(epoch))),2.0\n"
        }
        run.steps = StepCurve(log: Array(log.utf8), batchesPerEpoch: stepsPerEpoch)
        run.epochs = RunRecord.epochs(csv: csv)
        run.timings = RunRecord.timings(csv: timing)
        for number in 0..<8 {
            let truth = Self.disc(40 + 6 * number, 60, radius: 24)
            run.samples.append(
                .init(
                    id: "sample-\(number)", caption: number == 0 ? "one <b>small</b> polyp & more" : nil,
                    jpeg: (try? JPEGEncoder.encode(Self.picture(number), quality: 80)) ?? [], width: 128, height: 128,
                    truth: SampleOutlines.path(of: truth)))
        }
        if !outlined { return run }
        run.outlines = (1...max(1, epochs)).filter { $0 <= epochs }.map { epoch in
            let ones = (0..<8).map { number -> SampleOutlines.One in
                let path = SampleOutlines.path(of: Self.disc(40 + 6 * number, 60, radius: 24 * epoch / epochs))
                return .init(id: "sample-\(number)", dice: Double(epoch) / Double(epochs), side: path.side, path: path.path)
            }
            return SampleOutlines(epoch: epoch, step: epoch * stepsPerEpoch, samples: ones)
        }
        return run
    }

    private static func disc(_ x: Int, _ y: Int, radius: Int) -> Raster {
        Raster(
            width: 128, height: 128, channels: 1,
            pixels: (0..<128 * 128).map { ($0 % 128 - x) * ($0 % 128 - x) + ($0 / 128 - y) * ($0 / 128 - y) < radius * radius ? 1 : 0 })
    }

    private static func picture(_ number: Int) -> Raster {
        Raster(
            width: 128, height: 128, channels: 3,
            pixels: (0..<3 * 128 * 128).map { UInt8(60 + (($0 / 3) % 128 * (number + 2) + $0 / 384 * 3 + $0 % 3 * 40) % 150) })
    }

    @Test func aPageIsWholeAndItsOwn() throws {
        let html = RunPage.html(run(epochs: 30))
        #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
        for section in ["loss", "scores", "samples", "pace", "epochs", "settings"] {
            #expect(html.contains("<section id=\(section)>") && html.contains("href=\"#\(section)\""))
        }
        for address in html.matches(of: /(?:src|href)="?([^"# >]+)/) { #expect(address.1.hasPrefix("data:")) }
        #expect(!html.contains("url(") && !html.contains("@import") && !html.contains("http") && !html.contains("<script"))
        #expect(
            html.contains("made &lt;run&gt;") && html.contains("/data/&lt;shards&gt;")
                && html.contains("one &lt;b&gt;small&lt;/b&gt; polyp"))
        #expect(!html.contains("nan") && !html.contains("inf,"))
        for name in ["section", "figure", "svg", "table", "div", "p", "ul", "b", "g", "use", "polyline", "circle", "path"] {
            let opened = html.matches(of: try Regex("<\(name)[ >]")).count
            #expect(opened == html.components(separatedBy: "</\(name)>").count - 1, "\(name)")
        }
        // Each image once; the truth and ten epochs of each sample, the first, the last and the best among them.
        #expect(html.matches(of: /data:image\/jpeg;base64,/).count == 8)
        for film in html.components(separatedBy: "<div class=film>").dropFirst() {
            let frames = film.components(separatedBy: "</div>")[0]
            #expect(frames.components(separatedBy: "<figure>").count - 1 == 11)
            #expect(frames.contains("epoch 1<") && frames.contains("epoch 30") && frames.contains(", best"))
        }
    }

    /// Two thousand epochs of a hundred steps, with masks of noise.
    @Test func aLongRunHasABoundedPage() throws {
        var long = run(epochs: 2000, planned: 5000, stepsPerEpoch: 5, outlined: false)
        var state: UInt64 = 1
        let noise = Raster(
            width: 256, height: 256, channels: 1,
            pixels: (0..<256 * 256).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1
                return UInt8(state >> 63)
            })
        let path = SampleOutlines.path(of: noise)
        #expect(path.side < SampleOutlines.side && path.path.utf8.count <= 6000)
        let ones = long.samples.map { SampleOutlines.One(id: $0.id, dice: 0.5, side: path.side, path: path.path) }
        long.outlines = (1...2000).map { SampleOutlines(epoch: $0, step: 5 * $0, samples: ones) }
        let html = RunPage.html(long)
        #expect(html.utf8.count < 1_500_000, "\(html.utf8.count) bytes")
        #expect(html.contains("The last 120 of 2000 epochs"))
    }

    @Test func whatThereIsNotYetIsSaid() throws {
        var young = run(epochs: 0)
        young.steps.add(position: 0.5, [(name: "loss", value: 1)])
        let html = RunPage.html(young)
        #expect(html.contains("<b>0 / 60</b>") && html.contains("nothing to draw yet") && html.contains("No epoch has ended yet"))
        #expect(html.contains("Predictions follow at the first epoch's end"))
        #expect(RunPage.html(RunRecord(name: "empty")).contains("No samples"))
    }

    @Test func theBestEpochIsMarkedAndAStopIsNamed() throws {
        var stopped = run(epochs: 40)
        // The validation loss of `run` has its minimum at an epoch before the last.
        let best = try #require(stopped.best), lowest = stopped.epochs.min { $0.values["val_loss"]! < $1.values["val_loss"]! }
        #expect(best == lowest && best.number < 40)
        stopped.status = .stopped(step: 1007)
        stopped.epochs.append(.init(number: 41, step: 1007, values: ["train_loss": 0.2], isBest: false, isWhole: false))
        let html = RunPage.html(stopped)
        #expect(html.contains("best: \(best.number)</text>") && html.contains("<b>epoch \(best.number)</b>"))
        #expect(html.contains("stopped after step 1007") && html.contains("Epoch 41 is not whole: it has no scores yet"))
        #expect(html.contains("No epoch since epoch \(best.number) has a lower validation loss") == (40 - best.number >= 5))
        // 20 epochs of 10 s and 2 s of validation.
        #expect(stopped.secondsLeft == 240 && html.contains("<b>4 min</b>"))
        stopped.status = .finished
        #expect(stopped.secondsLeft == nil)
    }

    @Test func theCurveOfStepsIsTheSameHoweverTheLogIsReadAndBounded() {
        func line(_ step: Int) -> String {
            "{\"step\":\(step),\"epoch\":\(1 + (step - 1) / 10),\"batch\":\(1 + (step - 1) % 10),\"learning_rate\":0.1,\"loss\":\(step)}\n"
        }
        let whole = StepCurve(log: Array((1...1000).map(line).joined().utf8), batchesPerEpoch: 10)
        var parts = StepCurve(log: Array((1...313).map(line).joined().utf8), batchesPerEpoch: 10)
        for step in 314...1000 {
            parts.add(
                position: StepCurve.position(epoch: 1 + (step - 1) / 10, batch: 1 + (step - 1) % 10, of: 10),
                [(name: "learning_rate", value: 0.1), (name: "loss", value: Double(step))])
        }
        #expect(whole == parts && whole.count == 1000)
        let points = whole.points("loss")
        #expect(points.count == 250 && points.first?.y == 2.5 && points.last?.y == 998.5)
        #expect(points.allSatisfy { abs($0.x - $0.y / 10) < 1e-9 })
        // Lines of skipped shards, and a line that was cut.
        let others = "{\"quarantined\":\"train/shard.00000.mds.zstd\",\"samples\":3,\"reason\":\"hash\"}\n" + line(1) + "{\"step\":2,\"ep"
        #expect(StepCurve(log: Array(others.utf8), batchesPerEpoch: 10).count == 1)
    }

    @Test func tablesAreReadAsWritten() {
        let rows = RunRecord.epochs(csv: "epoch,step,val_loss,val_dice,best,complete\n1,3,0.5,,1,1\n2,5,,,0,0\n3,")
        #expect(rows.map(\.number) == [1, 2] && rows.map(\.isWhole) == [true, false] && rows[0].isBest && rows[1].values.isEmpty)
        #expect(rows[0].values == ["val_loss": 0.5])
        // A file of an older version has no such column.
        #expect(RunRecord.epochs(csv: "epoch,step,val_loss,best\n1,3,0.5,1\n").map(\.isWhole) == [true])
        let timings = RunRecord.timings(
            csv: "epoch,train_seconds,train_images,images_per_second,validation_seconds\n1,5,10,2,1\n2,4,6,1,1\n2,9,10,1,1\n")
        #expect(timings.map(\.epoch) == [1, 2] && timings[1].seconds == 9)
    }

    @Test func outlinesAreReadUpToAnEpochOrACutLine() throws {
        let lines = (1...3).map {
            SampleOutlines(epoch: $0, step: 5 * $0, samples: [.init(id: "a/\"b\"", dice: nil, side: 64, path: "M1 1H2V2H1Z")])
        }
        let text = lines.map { $0.line + "\n" }.joined()
        #expect(SampleOutlines.read(Array(text.utf8)) == (lines, text.utf8.count))
        #expect(SampleOutlines.read(Array(text.utf8), throughEpoch: 2).lines == Array(lines.prefix(2)))
        let cut = SampleOutlines.read(Array(text.utf8.dropLast(3)))
        #expect(cut.lines == Array(lines.prefix(2)) && cut.length == lines.prefix(2).reduce(0) { $0 + $1.line.utf8.count + 1 })
        #expect(SampleOutlines.read([]) == ([], 0))
    }

    @Test(.enabled(if: Browser.isInstalled, "\(Browser.wanted)"))
    func aBrowserOpensThePage() throws {
        let folder = try TemporaryFolder("runpage")
        let checked = try Browser.check(
            try folder.write(RunPage.html(run(epochs: 30)), to: "run.html"), log: try folder.write("", to: "log"))
        #expect(checked.status == 0, "\(checked.said)")
    }
}

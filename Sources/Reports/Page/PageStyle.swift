// The report's style sheet: light or dark as the reader's system, narrow and wide, printable. Nothing is fetched: the fonts are the
// system's.

package enum PageStyle {
    package static let css = """
        :root{color-scheme:light dark;--paper:#fbfbfa;--card:#fff;--ink:#1c1d1f;--soft:#5d6066;--rule:#e3e3e0;--accent:#2b63b8;--bar:#5b8bd0;--good:#2c7a4b;--warn:#9a5b00;--bad:#b3261e;\
        --red:#cc4444;--green:#3a8f4f;--blue:#3b6fd0;--grey:#777;--cold:#f1f3f6;--hot:#8a1c4a;--mark:#fff1c2}
        @media (prefers-color-scheme:dark){:root{--paper:#151618;--card:#1e2023;--ink:#e8e8e6;--soft:#a2a5ab;--rule:#33363b;--accent:#8db4f0;--bar:#6f9bdc;--good:#6fc48d;--warn:#e0a54a;--bad:#f0857d;\
        --red:#f07f78;--green:#79c98b;--blue:#86acf2;--grey:#b5b5b5;--cold:#23262b;--hot:#ff7aa8;--mark:#4a3d12}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
        main{max-width:1180px;margin:0 auto;padding:28px 24px 60px}
        h1{font-size:28px;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
        h2{font-size:20px;margin:44px 0 12px;padding-top:12px;border-top:1px solid var(--rule)}
        h3{font-size:15px;margin:24px 0 8px}
        p{margin:6px 0 12px;max-width:76ch}
        a{color:var(--accent)}
        code{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
        .quiet,figcaption span,.meta{color:var(--soft)}
        .meta{font-size:13px;overflow-wrap:anywhere}
        nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin:14px 0 0;font-size:14px}
        .numbers-row{display:grid;grid-template-columns:repeat(auto-fit,minmax(120px,1fr));gap:10px;margin:22px 0 6px}
        .number{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:10px 14px}
        .number:nth-child(2){grid-column:span 2}.number b{display:block;font-size:22px;white-space:nowrap;line-height:1.25;font-weight:600;font-variant-numeric:tabular-nums}
        .number span{font-size:13px;color:var(--soft)}
        ul.findings{list-style:none;padding:0;margin:14px 0;display:grid;gap:6px}
        ul.findings li{padding:7px 12px;background:var(--card);border:1px solid var(--rule);border-left:4px solid var(--grey);border-radius:6px;overflow-wrap:anywhere}
        ul.findings li.bad{border-left-color:var(--bad)}ul.findings li.warn{border-left-color:var(--warn)}ul.findings li.good{border-left-color:var(--good)}
        ul.findings li>b{font-weight:600}
        .scroll{overflow-x:auto;margin:10px 0}
        table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
        th,td{padding:4px 14px 4px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
        thead th{color:var(--soft);font-weight:500;font-size:13px;white-space:nowrap}
        tbody th{font-weight:400;min-width:7.5em}
        .numbers td,.numbers thead th:not(:first-child){text-align:right;white-space:nowrap}
        td.num{text-align:right}
        .plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:14px;margin:12px 0}
        figure{margin:0}
        .plot{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:12px 14px;min-width:0}
        .plot figcaption{font-size:14px;margin-bottom:6px}.plot figcaption b{font-weight:600}.plot figcaption span{display:block;font-size:13px}
        .plot svg{display:block;width:100%;height:auto}
        svg text{font-size:10.5px;fill:var(--soft);font-family:inherit;font-variant-numeric:tabular-nums}
        svg .rule{stroke:var(--rule);stroke-width:1}
        svg .bar{fill:var(--bar)}svg .touch{fill:transparent}svg g:hover .bar{fill:var(--accent)}
        svg .line{fill:none;stroke-width:1.8;stroke-linejoin:round}
        .line.red{stroke:var(--red)}.line.green{stroke:var(--green)}.line.blue{stroke:var(--blue)}.line.grey{stroke:var(--grey)}
        .key{display:flex;gap:14px;font-size:13px;color:var(--soft)}.key i{display:inline-block;width:14px;height:3px;border-radius:2px;vertical-align:middle;margin-right:5px}
        .heats{display:grid;grid-template-columns:repeat(auto-fill,minmax(170px,1fr));gap:14px}
        svg.heat{display:block;width:100%;height:auto;border:1px solid var(--rule);shape-rendering:crispEdges}
        svg.heat .cross{stroke:var(--soft);stroke-width:.12;stroke-dasharray:.5 .5;fill:none;opacity:.7}
        .legend{display:flex;align-items:center;gap:8px;font-size:13px;color:var(--soft);margin-top:8px}.ramp{display:flex}.ramp i{width:16px;height:10px}
        \(ramp)
        .balance{display:flex;height:22px;border-radius:5px;overflow:hidden;border:1px solid var(--rule);margin:8px 0 4px}.balance i{background:var(--hot);min-width:2px}.balance b{flex:1;background:var(--cold)}
        .words{columns:3 200px;column-gap:26px;font-size:14px;margin:8px 0}
        .word{display:grid;grid-template-columns:7.5em 1fr 3.2em;gap:8px;align-items:center;break-inside:avoid;line-height:1.6}
        .word i{display:block;height:9px;border-radius:2px;background:var(--bar)}.word span:first-child{overflow:hidden;text-overflow:ellipsis}.word span:last-child{text-align:right;color:var(--soft);font-variant-numeric:tabular-nums}
        .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:14px;margin:14px 0}
        .card{background:var(--card);border:1px solid var(--rule);border-radius:8px;overflow:hidden;display:flex;flex-direction:column;min-width:0}
        .picture{background:#000;display:block;width:100%;aspect-ratio:1}
        .outline{fill:none;stroke:#000;stroke-width:3.2;stroke-opacity:.55;vector-effect:non-scaling-stroke;stroke-linejoin:round}
        .outline.light{stroke:#5dff6a;stroke-width:1.6;stroke-opacity:1}
        .card .text{padding:9px 12px 11px;font-size:13.5px;line-height:1.4;overflow-wrap:anywhere}
        .id{font-size:12px;color:var(--soft);display:flex;gap:8px;justify-content:space-between;align-items:baseline}
        .split{border:1px solid var(--rule);border-radius:9px;padding:0 7px;font-size:11.5px;white-space:nowrap}
        .card ul{margin:7px 0 0;padding:0 0 0 16px;color:var(--bad)}.card li{margin:1px 0}.card li.small{color:var(--warn)}
        .caption{margin:5px 0 0}
        .pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr));gap:14px;margin:14px 0}
        .pair{background:var(--card);border:1px solid var(--rule);border-radius:8px;overflow:hidden}.pair .two{display:grid;grid-template-columns:1fr 1fr;gap:2px}.pair .two>div{min-width:0}
        .pair .text{padding:8px 12px 10px;font-size:13.5px}
        .two .text{padding:7px 10px;font-size:12.5px;line-height:1.4;overflow-wrap:anywhere}
        details{margin:12px 0}summary{cursor:pointer;color:var(--accent)}
        .switch{font-size:14px;display:inline-flex;gap:7px;align-items:center;margin:4px 0;cursor:pointer}
        body:has(#outlines:not(:checked)) .outline{display:none}
        @media (max-width:560px){main{padding:18px 14px 40px}h1{font-size:23px}.cards{grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:10px}.heats{grid-template-columns:1fr 1fr}}
        @media print{body{background:#fff}.card,.pair,.plot{break-inside:avoid}nav,.switch{display:none}}
        """

    /// Twelve colours from the page's cold colour to its hot one.
    private static let ramp = (0..<Plots.levels).map { level in
        let share = Int((pow2(Double(level) / Double(Plots.levels - 1)) * 100).rounded())
        let mixed = "color-mix(in oklab,var(--hot) \(share)%,var(--cold))"
        return ".h\(level){fill:\(mixed);background:\(mixed)}"
    }.joined()

    /// Gives small shares a little more colour, because most of the map has small shares.
    private static func pow2(_ value: Double) -> Double { value * (1.4 - 0.4 * value) }
}

// What the page of a run needs beyond the style sheet of all pages.

enum RunStyle {
    static let css = """
        .number:nth-child(2){grid-column:auto}.number b{overflow-wrap:anywhere;white-space:normal}
        .plot.wide{grid-column:span 1}
        .line.faint{stroke:var(--rule);stroke-width:1.2;stroke:color-mix(in oklab,var(--grey) 55%,var(--card))}
        .dot{stroke:none}.dot.red{fill:var(--red)}.dot.green{fill:var(--green)}.dot.blue{fill:var(--blue)}.dot.grey,.dot.faint{fill:var(--grey)}
        svg .mark{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}
        .key{flex-wrap:wrap;align-items:center}
        .key-red{background:var(--red)}.key-green{background:var(--green)}.key-blue{background:var(--blue)}.key-grey,.key-faint{background:var(--grey)}
        .key-truth{background:#5dff6a}.key-predicted{background:#ff5fe0}
        .outline.predicted{stroke:#ff5fe0;stroke-width:1.6;stroke-opacity:1}
        .film{display:grid;grid-template-columns:repeat(auto-fill,minmax(96px,1fr));gap:8px;margin:8px 0 18px}
        .film .picture{border-radius:4px;aspect-ratio:auto;width:100%;height:auto}
        .film figcaption{font-size:12px;line-height:1.3;margin-top:3px}.film figcaption span{display:block}
        h3 .quiet{font-weight:400}
        """
}

#!/usr/bin/env python3
"""Golden files for Tables: small workbooks with the ways xlsx stores cells, and what openpyxl reads from them.

    python3 Scripts/golden/tables.py [--captions FOLDER]

Writes to Tests/TablesTests/Golden: *.xlsx, expected.json (rows by file), and with --captions real.json (hashes of the rows of the real
sheets). Needs openpyxl. The workbooks are written part by part, so that the same script gives the same bytes.
"""
import argparse
import csv
import hashlib
import json
import os
import zipfile

import openpyxl
from openpyxl.cell.rich_text import CellRichText

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "Tests", "TablesTests", "Golden")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def workbook(name, sheets, strings=None, absolute=False, order=None, method=zipfile.ZIP_DEFLATED, extra=()):
    """sheets: [(title, xml of sheetData)]; order: relationship numbers, to test that workbook.xml and not the part's name decides."""
    order = order or list(range(1, len(sheets) + 1))
    root = "/xl/" if absolute else ""
    types = ['<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>',
             '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>']
    relations, entries, parts = [], [], []
    for place, (title, xml) in enumerate(sheets):
        number = order[place]
        types.append(f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>')
        relations.append(f'<Relationship Id="rId{number}" Type="{DOCUMENT}/worksheet" Target="{root}worksheets/sheet{number}.xml"/>')
        entries.append(f'<sheet name="{title}" sheetId="{place + 1}" r:id="rId{number}"/>')
        parts.append((f"xl/worksheets/sheet{number}.xml", xml if xml.startswith("<") and "worksheet" in xml else
                      f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{xml}</sheetData></worksheet>'))
    if strings is not None:
        types.append('<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>')
        relations.append(f'<Relationship Id="rId99" Type="{DOCUMENT}/sharedStrings" Target="{root}sharedStrings.xml"/>')
        parts.append(("xl/sharedStrings.xml", f'{HEAD}<sst xmlns="{MAIN}">{"".join(f"<si>{s}</si>" for s in strings)}</sst>'))
    parts = [
        ("[Content_Types].xml", f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{"".join(types)}</Types>'),
        ("_rels/.rels", f'{HEAD}<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>'),
        ("xl/workbook.xml", f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>{"".join(entries)}</sheets></workbook>'),
        ("xl/_rels/workbook.xml.rels", f'{HEAD}<Relationships xmlns="{PACKAGE}">{"".join(relations)}</Relationships>'),
    ] + parts + list(extra)
    with zipfile.ZipFile(os.path.join(OUT, name), "w") as archive:
        for part, data in parts:
            info = zipfile.ZipInfo(part, (1980, 1, 1, 0, 0, 0))
            archive.writestr(info, data, method)


def inline(ref, text):
    return f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def header(first="Image", second="Description"):
    return f'<row r="1">{inline("A1", first)}{inline("B1", second)}</row>'


def row(number, image, text):
    return f'<row r="{number}">{inline(f"A{number}", image)}{inline(f"B{number}", text)}</row>'


def make():
    workbook("shared.xlsx", [("in", '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
             '<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" t="s"><v>3</v></c></row><row r="3"><c r="A3" t="s"><v>4</v></c><c r="B3" t="s"><v>3</v></c></row>')],
             ["<t>Image</t>", "<t>Description</t>", "<t>a.png</t>", '<t xml:space="preserve"> Two areas &amp; all &lt;left&gt; lung.. </t>', "<t>é.png</t>"])
    workbook("rich.xlsx", [("in", '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" t="s"><v>3</v></c></row>')],
             ["<t>Image</t>", "<r><rPr><b/></rPr><t>Descr</t></r><r><t>iption</t></r>", "<t>a.png</t>",
              '<r><t xml:space="preserve">left </t></r><r><rPr><i/></rPr><t>lung</t></r><rPh sb="0" eb="1"><t>phonetic</t></rPh>'])
    workbook("inline.xlsx", [("in", header() + row(2, "a.png", "all left lung") + row(3, "b.png", "line one\nline two"))])
    workbook("formula.xlsx", [("in", header() + '<row r="2"><c r="A2" t="str"><f>"a"&amp;".png"</f><v>a.png</v></c><c r="B2" t="str"><v>computed</v></c></row>'
             '<row r="3"><c r="A3"><v>7</v></c><c r="B3"><v>2.5</v></c></row><row r="4"><c r="A4"><v>12.0</v></c><c r="B4" t="b"><v>1</v></c></row>')])
    workbook("gaps.xlsx", [("in", header() + row(3, "a.png", "one") + '<row r="5">' + inline("B5", "caption only") + '</row><row r="7">' + inline("A7", "b.png")
             + '</row><row r="8"/><row r="9">' + inline("A9", "c.png") + '<c r="B9" t="e"><v>#N/A</v></c></row>')])
    workbook("extra.xlsx", [("in", '<row r="2">' + inline("B2", "Split") + inline("C2", " description\u00a0") + inline("F2", "IMAGE ") + '</row><row r="4">'
             + inline("B4", "train") + inline("C4", "two areas") + inline("F4", "mask_a.png") + inline("H4", "note") + "</row>")])
    unreferenced = f'{HEAD}<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>Image</x:t></x:is></x:c><x:c t="inlineStr"><x:is><x:t>Description</x:t></x:is></x:c></x:row>' \
        '<x:row><x:c t="inlineStr"><x:is><x:t>a.png</x:t></x:is></x:c><x:c t="inlineStr"><x:is><x:t>no references</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>'
    workbook("prefixed.xlsx", [("in", unreferenced)], absolute=True)
    workbook("order.xlsx", [("first", header() + row(2, "a.png", "the first sheet")), ("second", header() + row(2, "b.png", "the second"))], order=[2, 1])
    workbook("columns.xlsx", [("in", header("Picture", "Words") + row(2, "a.png", "x"))])
    workbook("headeronly.xlsx", [("in", header())])
    workbook("nothing.xlsx", [("in", "")])
    workbook("badstring.xlsx", [("in", header() + '<row r="2"><c r="A2" t="s"><v>9</v></c></row>')], ["<t>one</t>"])
    workbook("badxml.xlsx", [("in", f"{HEAD}<worksheet xmlns=\"{MAIN}\"><sheetData><row>")])
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    workbook("entities.xlsx", [("in", f'{HEAD}<!DOCTYPE worksheet [<!ENTITY l0 "lol">{entities}]><worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row></sheetData></worksheet>')])
    workbook("bomb.xlsx", [("in", header() + row(2, "a.png", "x"))], method=zipfile.ZIP_BZIP2, extra=[("xl/sharedStrings.xml", b" " * (200 << 20))])
    with zipfile.ZipFile(os.path.join(OUT, "notsheet.xlsx"), "w") as archive:
        archive.writestr(zipfile.ZipInfo("word/document.xml", (1980, 1, 1, 0, 0, 0)), "<document/>")


def cells(path):
    sheet = openpyxl.load_workbook(path, rich_text=True, data_only=True).worksheets[0]
    return [["" if value is None else str(value) for value in line] for line in sheet.iter_rows(values_only=True) if any(v is not None for v in line)]


def digest(rows):
    text = "".join(f"{image}\t{caption}\n" for image, caption in rows)
    return {"count": len(rows), "sha256": hashlib.sha256(text.encode()).hexdigest()}


def real(folder):
    result = {}
    for base, _, names in os.walk(os.path.dirname(os.path.abspath(folder))):
        for name in sorted(names):
            path = os.path.join(base, name)
            if name.endswith(".xlsx"):
                rows = [(r[0], r[1] or "") for r in cells(path)[1:]]
            elif name.endswith(".csv"):
                with open(path, encoding="utf-8-sig", newline="") as file:
                    rows = [(r[0], r[1]) for r in list(csv.reader(file))[1:]]
            elif "medvlsm" in name and name.endswith(".json"):
                with open(path, encoding="utf-8") as file:
                    rows = [(o["img_name"], o["prompts"]["p6"]) for o in json.load(file)]
            else:
                continue
            result[os.path.relpath(path, os.path.dirname(os.path.abspath(folder)))] = digest(rows)
    return result


def write(name, value):
    with open(os.path.join(OUT, name), "w", encoding="ascii") as file:
        json.dump(value, file, indent=1, sort_keys=True)
        file.write("\n")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--captions")
    arguments = arguments.parse_args()
    assert CellRichText is not None
    make()
    names = ["shared", "rich", "inline", "formula", "gaps", "extra", "prefixed", "order"]
    write("expected.json", {f"{n}.xlsx": cells(os.path.join(OUT, f"{n}.xlsx")) for n in names})
    if arguments.captions:
        write("real.json", real(arguments.captions))


main()

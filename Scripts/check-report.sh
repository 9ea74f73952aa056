#!/bin/sh
# Opens a page (of `prep stats --html` or `segment compare --html`, or a run's report.html) in a real browser without a screen: fails on console errors, on requests to anywhere, on content
# wider than a narrow window. Leaves screenshots: light, dark and narrow.
#
#     Scripts/check-report.sh REPORT.html [FOLDER]
#
# Needs chromium (Debian: apt install chromium); without one it says so and ends with 77, which test harnesses read as "skipped".
set -eu
report=${1:?usage: Scripts/check-report.sh REPORT.html [FOLDER for screenshots]}
folder=${2:-$(dirname "$report")}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ]; then
    echo "skipped: no chromium found; install it to check reports (Debian: apt install chromium)"
    exit 77
fi
[ -f "$report" ] || { echo "error: $report: no such file"; exit 2; }
mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
address="file://$(readlink -f "$report")"
name=$(basename "$report" .html)

# open NAME WIDTH HEIGHT MORE...: a screenshot and the browser's log.
open() {
    shot=$1; width=$2; height=$3; shift 3
    timeout 120 "$browser" --headless=new --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/profile" --no-first-run \
        --disable-background-networking --enable-logging=stderr --v=0 --virtual-time-budget=10000 --window-size="$width,$height" "$@" \
        --screenshot="$folder/$name-$shot.png" "$address" >"$work/$shot.log" 2>&1 || { cat "$work/$shot.log"; echo "error: the browser failed on $report"; exit 1; }
    [ -s "$folder/$name-$shot.png" ] || { echo "error: no screenshot $shot"; exit 1; }
    if grep -E 'CONSOLE|Uncaught|net::ERR|Failed to load' "$work/$shot.log"; then echo "error: the page complains ($shot)"; exit 1; fi
}

open light 1280 4000 --blink-settings=preferredColorScheme=1
open dark 1280 4000 --blink-settings=preferredColorScheme=0
open narrow 500 4000 --blink-settings=preferredColorScheme=1

# Nothing is fetched: every address in the document is a place in it or data.
if grep -oE '(src|href)="?[^"# >]+' "$report" | grep -vE '(src|href)="?data:' | head -3 | grep .; then echo "error: the report refers to other files"; exit 1; fi
if grep -oE 'url\([^)]*\)|@import' "$report" | head -3 | grep .; then echo "error: the style sheet refers to other files"; exit 1; fi

# The document as the browser sees it has the width of the window: a probe page measures it in a frame.
cat >"$work/probe.html" <<PAGE
<!DOCTYPE html><title>probe</title><body><script>
const frame = document.createElement('iframe');
frame.style.cssText = 'width:400px;height:900px;border:0';
frame.src = '$address';
frame.onload = () => { const root = frame.contentDocument.documentElement;
  document.body.dataset.result = root.scrollWidth > 400 ? 'wide ' + root.scrollWidth : 'fits'; };
document.body.append(frame);
</script>
PAGE
timeout 120 "$browser" --headless=new --no-sandbox --disable-gpu --user-data-dir="$work/profile" --allow-file-access-from-files --disable-web-security \
    --virtual-time-budget=10000 --window-size=600,1000 --dump-dom "file://$work/probe.html" >"$work/dom.txt" 2>/dev/null
result=$(grep -oE 'data-result="[^"]*"' "$work/dom.txt" || true)
case $result in
    *fits*) ;;
    *) echo "error: at 400 pixels the page does not fit: ${result:-no measurement}"; exit 1 ;;
esac
echo "good: $folder/$name-{light,dark,narrow}.png"

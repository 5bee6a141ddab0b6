"""`make bench-phone`: the phone in a real Chromium, in ratios of one run, into build/bench-phone.json.

"Usable" is the time from the start of a navigation until a typed answer has recalculated what depends on it and its
transaction (`durability: "strict"`) is complete, over the same page as static HTML without scripts, served compressed
like ours, until its first input takes text. Both are loaded by turns in a new browser context, with nothing cached, and
the ratio is that of the medians. A window of this Chromium brings pages of its own (the box of the address); a page is
measured once they have come.

- `asset_gzip_bytes`: all script and style that a fill page asks for or holds, each by itself at the best of gzip.
- `usable_ifrc_1x`, `_slow_net` (1.6 Mbps, 150 ms), `_4x` and `_6x` (CPU throttle), `_offline` (ours from the service
  worker without a network; the static page from loopback), `usable_who_4x`.
- `latency_ifrc_4x`, `latency_who_4x`: from an input event to the end of the frame that shows what follows, p95 over
  p95.
- `heap_ratio`: JavaScript heap after a collection, a live page over the static one.
- `home_1000_ratio`: the list of villages from the service worker on a phone with 1,000 finished records and 200 photos
  of 500 KB that wait to be sent, over an empty one.

The forms of the outside world are read in place from `HOMEWARD_CONFORMANCE`; without it their figures are left out and
the reason is said.
"""

// Package stream writes answers piece by piece, as server-sent events (SSE) or as
// newline-delimited JSON (NDJSON).
//
// NewSSE and NewNDJSON send the status line and headers at once, so a handler opens a
// stream only after the request was admitted. Each event or line is flushed as it is
// written. Writing to a client that has disconnected is no error: the turn goes on and
// its answer is in the thread.
//
// JSON is written so that no reader finds a line break within it, also a reader that
// splits at U+0085, U+2028 or U+2029. Heartbeats are comments in SSE and blanks in
// NDJSON, which every reader ignores.
//
// The names and fields of events are a vendor's and not known here.
package stream

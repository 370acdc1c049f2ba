// Package param reads ids and numbers from a request's path and query.
//
// A UUID is the same in upper and lower case, and ours are stored in lower case: PathID
// and QueryID fold them. QueryInt reads a number with its allowed range. Values out of
// range are errors and never clamped.
//
// Bodies are read by package body.
package param

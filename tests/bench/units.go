package main

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
)

// This file has DynamoDB's rules for the consumption of a call, on demand: a read unit is 4 KB read
// consistently, a write unit is 1 KB written, an item in a transaction counts twice, and each index that a
// write changes is another write. An index write is assumed to count once, as indexes are updated after the
// transaction. An emulator's own figure may be an approximation.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html

// document is an item in the wire format: a name to {"S": "..."}.
type document map[string]map[string]any

// size returns the size of an item by DynamoDB's rules, in bytes.
func (d document) size() int {
	n := 0
	for name, value := range d {
		n += len(name) + valueSize(value)
	}
	return n
}

// valueSize returns the size of {"S": "..."}, {"N": "1"}, and so on.
func valueSize(value map[string]any) int {
	for kind, v := range value {
		switch v := v.(type) {
		case string:
			switch kind {
			case "N":
				return numberSize(v)
			case "B":
				return len(v) / 4 * 3 // the approximate size of the decoded base64
			}
			return len(v)
		case []any:
			return listSize(kind, v)
		case map[string]any:
			n := 3
			for name, element := range v {
				if element, ok := element.(map[string]any); ok {
					n += 1 + len(name) + valueSize(element)
				}
			}
			return n
		}
	}
	return 1 // true, false, null
}

// listSize returns the size of a list or a set.
func listSize(kind string, elements []any) int {
	n := 0
	if kind == "L" {
		n = 3
	}
	for _, e := range elements {
		switch e := e.(type) {
		case map[string]any:
			n += 1 + valueSize(e)
		case string:
			n += valueSize(map[string]any{strings.TrimSuffix(kind, "S"): e})
		}
	}
	return n
}

// numberSize returns one byte for two significant digits, and one or two more.
func numberSize(n string) int {
	digits := strings.Trim(strings.Replace(strings.TrimPrefix(n, "-"), ".", "", 1), "0")
	size := (len(digits)+1)/2 + 1
	if strings.HasPrefix(n, "-") {
		size++
	}
	return size
}

// readUnits returns the units of a consistent read of a size.
func readUnits(size int) int { return max(1, units(size, 4096)) }

func units(size, unit int) int { return int(math.Ceil(float64(size) / float64(unit))) }

// secondary is a global secondary index.
type secondary struct {
	keys     []string
	projects []string // besides all keys; nil for all attributes
}

// writeUnits returns the units of a write that changed before into after, nil for no item. The larger of the
// two counts.
func writeUnits(before, after document) int {
	return max(1, units(max(before.size(), after.size()), 1024))
}

// indexUnits returns the units of the same write in an index: none if the index does not change, and two
// writes if the item moves within it.
func (s secondary) indexUnits(before, after document) int {
	was, is := s.project(before), s.project(after)
	switch {
	case was == nil && is == nil, equal(was, is):
		return 0
	case was == nil || is == nil || s.sameKey(was, is):
		return writeUnits(was, is)
	default:
		return writeUnits(was, nil) + writeUnits(nil, is)
	}
}

// project returns the projection of an item into an index, nil if it has none.
func (s secondary) project(d document) document {
	for _, key := range s.keys {
		if _, ok := d[key]; !ok {
			return nil
		}
	}
	if s.projects == nil {
		return d
	}
	shown := document{}
	for name, value := range d {
		if slices.Contains(s.keys, name) || slices.Contains(s.projects, name) {
			shown[name] = value
		}
	}
	return shown
}

func (s secondary) sameKey(a, b document) bool {
	return !slices.ContainsFunc(s.keys, func(key string) bool { return !equal(a[key], b[key]) })
}

// equal compares parts of documents; encoding sorts the keys of a map.
func equal(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

package main

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// sample is a set of measurements of the same thing.
type sample []float64

// quantile returns the smallest measured value that a share q of the sample does not exceed (the
// nearest rank); NaN for an empty sample.
func (s sample) quantile(q float64) float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s))
	rank := int(math.Ceil(q * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

func (s sample) median() float64 { return s.quantile(0.5) }

// String returns the median and the range.
func (s sample) String() string {
	return fmt.Sprintf("%.2f (%.2f..%.2f)", s.median(), s.quantile(0), s.quantile(1))
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// slope returns the slope of the least-squares line.
func slope(x, y sample) float64 {
	var meanX, meanY float64
	for i := range x {
		meanX += x[i] / float64(len(x))
		meanY += y[i] / float64(len(y))
	}
	var cross, square float64
	for i := range x {
		cross += (x[i] - meanX) * (y[i] - meanY)
		square += (x[i] - meanX) * (x[i] - meanX)
	}
	return cross / square
}

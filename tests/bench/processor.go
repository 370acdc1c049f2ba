package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// processorTime returns the processor time that the processes of a path have used so far. Linux
// counts it in nanoseconds for each thread, and in hundredths of a second for a process.
func (p path) processorTime() time.Duration {
	if p.pids == nil {
		return 0
	}
	var all time.Duration
	for _, pid := range p.pids() {
		threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid)) // the pattern is valid
		for _, thread := range threads {
			text, err := os.ReadFile(thread)
			if err != nil {
				continue // the thread has ended
			}
			var used time.Duration
			if _, err := fmt.Sscan(string(text), &used); err == nil {
				all += used
			}
		}
	}
	return all
}

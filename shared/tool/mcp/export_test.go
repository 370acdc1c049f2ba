package mcp

import "time"

// SetTime sets how long a call may take.
func (c *Client) SetTime(d time.Duration) { c.time = d }

// Known returns the number of servers that are remembered.
func (c *Client) Known() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.known)
}

// SetLateTime sets how long the reply of a complete answer may take, and returns what sets it
// back.
func SetLateTime(d time.Duration) func() {
	before := lateTime
	lateTime = d
	return func() { lateTime = before }
}

// Close ends all sessions.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.known {
		if l := e.latest(); l != nil {
			l.session.close()
		}
	}
}

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

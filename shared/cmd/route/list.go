package main

import (
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

// list prints a line for each route: method, path, function, and how the function
// answers. Functions without a route follow, with their starters.
func list(out io.Writer, root string) error {
	t, err := sam.Load(filepath.Join(root, "template.yaml"), nil)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	answers := map[string]bool{}
	for _, r := range t.Routes() {
		answers[r.Function] = true
		how := "buffered"
		if r.Stream {
			how = "streamed"
		}
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Method, r.Path, r.Function, how); err != nil {
			return err
		}
	}
	mains, err := entriesOf(root)
	if err != nil {
		return err
	}
	for _, e := range mains {
		if answers[e.function] {
			continue
		}
		if _, err := fmt.Fprintf(w, "\t\t%s\t%s\n", e.function, e.starter); err != nil {
			return err
		}
	}
	return w.Flush()
}

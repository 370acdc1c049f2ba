// Command openapi makes the API's document, shared/api/openapi/document.json,
// of the parts that the surfaces keep beside their code. `make openapi` runs it
// at the project's root.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

// write merges the parts of the project at root into its document.
func write(root string) error {
	document, err := merge(root)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, documentPath), document, 0o644) //nolint:gosec // as readable as the rest of the sources
}

// Command openapi generates the API's document, shared/api/openapi/document.json,
// from the parts beside the surfaces' code. `make openapi` runs it in the project's
// root.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/quintet-agents/quintet/shared/cmd/command"
)

const usage = `Merges the parts of the OpenAPI document, shared/api/*/openapi.yaml, into
shared/api/openapi/document.json. Run it at the project's root; it has no flags
of its own.

Usage:
  go run ./shared/cmd/openapi
  openapi --help
  openapi --version

Example:
  make openapi
`

func main() {
	if command.Asked("openapi", usage, os.Args[1:], os.Stdout) {
		return
	}
	if len(os.Args) > 1 {
		fmt.Fprintln(os.Stderr, "openapi: it takes no arguments: `openapi --help` says what it does")
		os.Exit(1)
	}
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

// write merges the parts of the project at root and writes the document.
func write(root string) error {
	document, err := merge(root)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, documentPath), document, 0o644) //nolint:gosec // as readable as the rest of the sources
}

// Package command answers --help and --version for the commands in shared/cmd.
package command

import (
	"cmp"
	"fmt"
	"io"
	"runtime/debug"
)

// Asked prints the help or the version if args ask for it, and reports whether they do.
func Asked(name, usage string, args []string, out io.Writer) bool {
	if len(args) != 1 {
		return false
	}
	switch args[0] {
	case "--help", "-help", "-h", "help":
		_, _ = io.WriteString(out, usage)
	case "--version", "-version", "version":
		_, _ = fmt.Fprintf(out, "%s %s\n", name, version())
	default:
		return false
	}
	return true
}

// version returns the module's version and, if the build recorded it, the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := cmp.Or(info.Main.Version, "unknown")
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v += " (" + s.Value + ")"
		}
	}
	return v + " " + info.GoVersion
}

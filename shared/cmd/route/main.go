// Command route generates the files of routes. It runs in the project's root:
//
//	generate                       writes functions/*/main.go from shared/routes
//	list                           prints every function with its route
//	new [-like F] NAME METHOD PATH adds the files and entries of a new route
//
// `make functions`, `make routes` and `make route` run it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

const usage = `route COMMAND, which is one of
  generate                         write functions/*/main.go from shared/routes/routes.go
  list                             print every function with its route
  new [-like FUNCTION] NAME METHOD PATH
                                   lay down what a new route needs, beside a similar one: for example
                                   new manage-delivery-get GET '/api/v1/webhooks/{id}/deliveries/{delivery_id}'
`

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "route:", err)
		}
		os.Exit(1)
	}
}

func run(out io.Writer, args []string) error {
	if len(args) == 0 {
		args = []string{"help"}
	}
	switch args[0] {
	case "generate":
		return generate(".")
	case "list":
		return list(out, ".")
	case "new":
		return create(out, args[1:])
	case "help", "-h", "--help":
		_, err := io.WriteString(out, usage)
		return err
	}
	return fmt.Errorf("unknown command %q\n%s", args[0], usage)
}

// create runs `route new`.
func create(out io.Writer, args []string) error {
	flags := flag.NewFlagSet("route new", flag.ContinueOnError)
	like := flags.String("like", "", "the function that the new one resembles; default: the one of the same surface whose path shares most with it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	const wanted = 3
	if flags.NArg() != wanted {
		return fmt.Errorf("got %d arguments, want NAME METHOD PATH\n%s", flags.NArg(), usage)
	}
	n, err := plan(".", flags.Arg(0), flags.Arg(1), flags.Arg(2), *like)
	if err != nil {
		return err
	}
	if err := n.lay("."); err != nil {
		return err
	}
	if err := generate("."); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Laid down %s beside %s. By hand:\n"+
		"  1. the handler %s.%s: the build fails until it exists\n"+
		"  2. the texts and shapes of its entry in %s, then `make openapi`\n"+
		"  3. its block in template.yaml: the rights that `go test ./tests/contract` names\n"+
		"and its tests: tests/contract has an exchange and a rule to begin with.\n",
		n.name, n.like, n.qualifier, n.maker, n.document)
	return err
}

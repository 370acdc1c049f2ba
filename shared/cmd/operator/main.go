// Command operator manages operators' keys. No route creates such keys: creating one
// requires write access to the table.
//
//	operator mint NAME    creates a key and prints it once
//	operator list         lists the live keys, newest first
//	operator revoke ID    revokes a key within five seconds
//
// TABLE_NAME is the deployment's table. AWS_REGION and credentials come from the
// environment.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"text/tabwriter"
	"time"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/cmd/command"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/identity"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "operator:", err)
		os.Exit(1)
	}
}

const usage = `Manages the keys of the operators of a deployment.

Usage:
  operator mint NAME   makes a key and prints it; it is shown once
  operator list        lists the live keys, the newest first
  operator revoke ID   revokes a key, within five seconds
  operator --help
  operator --version

Example:
  TABLE_NAME=quintet-Table-1ABC AWS_REGION=us-east-1 operator mint "Ann"

Environment: TABLE_NAME (an output of the stack), AWS_REGION, AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY and, of temporary credentials, AWS_SESSION_TOKEN.
`

var errUsage = errors.New("usage: operator mint NAME | list | revoke ID (--help says more)")

func run(ctx context.Context, args []string, out io.Writer) error {
	if command.Asked("operator", usage, args, out) {
		return nil
	}
	var act func(*dynamo.Store) error
	switch {
	case len(args) == 2 && args[0] == "mint":
		act = func(s *dynamo.Store) error { return mint(ctx, s, args[1], out) }
	case len(args) == 1 && args[0] == "list":
		act = func(s *dynamo.Store) error { return list(ctx, s, out) }
	case len(args) == 2 && args[0] == "revoke":
		act = func(s *dynamo.Store) error { return revoke(ctx, s, args[1], out) }
	default:
		return errUsage
	}
	c := boot.FromEnvironment()
	if c.Table == "" {
		return errors.New("TABLE_NAME is not set")
	}
	if err := c.CheckAWS(); err != nil {
		return err
	}
	return act(boot.NewDeps(c).Store())
}

// mint writes only the key to out, so that a script can read it, and a note to stderr.
func mint(ctx context.Context, store *dynamo.Store, name string, out io.Writer) error {
	k, err := identity.NewOperatorKey(name, time.Now())
	if err != nil {
		return err
	}
	if err := store.CreateKey(ctx, nil, k); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "This key is shown once. `operator revoke %s` revokes it.\n", k.ID)
	_, err = fmt.Fprintln(out, k.Secret)
	return err
}

// page is the number of keys that one call reads.
const page = 100

func list(ctx context.Context, store *dynamo.Store, out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tCREATED\tENDS WITH\tNAME")
	for after, more := "", true; more; {
		keys, err := store.Keys(ctx, identity.OperatorOrg, after, page)
		if err != nil {
			return err
		}
		for _, k := range keys {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%q\n", k.ID, k.CreatedAt.Format(time.RFC3339), k.Hint, k.Name)
			after = k.ID
		}
		more = len(keys) == page
	}
	return table.Flush()
}

func revoke(ctx context.Context, store *dynamo.Store, id string, out io.Writer) error {
	if err := store.RevokeKey(ctx, nil, identity.OperatorOrg, id, time.Now()); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "Revoked: it stops working within five seconds.")
	return err
}

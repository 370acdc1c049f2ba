package main

import (
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/identity"
)

// engine starts a local AWS for the tests, except in processes that run the command.
type engine struct{ *testing.M }

func (e engine) Run() int { return dynamotest.Run(e.M) }

func TestMain(m *testing.M) { testscript.Main(engine{m}, map[string]func(){"operator": main}) }

func TestScripts(t *testing.T) {
	table := dynamotest.Open(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			for name, value := range map[string]string{
				"TABLE_NAME": table.Name, "AWS_ENDPOINT_URL": dynamotest.Endpoint(), "AWS_REGION": "us-east-1",
				"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "ORG": table.Org(t, 0),
			} {
				env.Setenv(name, value)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// works VAR: the printed key is an operator's. Its id is stored in VAR.
			"works": func(ts *testscript.TestScript, not bool, args []string) {
				caller, err := identity.NewOperators(table.Store, time.Now).Authenticate(t.Context(), strings.TrimSpace(ts.ReadFile(args[0])))
				if (err == nil) == not {
					ts.Fatalf("got %+v, %v; want an error: %t", caller, err, not)
				}
				if len(args) > 1 {
					ts.Setenv(args[1], caller.KeyID)
				}
			},
		},
	})
}

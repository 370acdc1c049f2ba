package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/boot/login"
	"github.com/quintet-agents/quintet/shared/cognito"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// demo is the content of demo.json.
type demo struct {
	BaseURL     string             `json:"base_url"`
	Orgs        map[string]demoOrg `json:"orgs"`
	OperatorKey string             `json:"operator_key"`
}

type demoOrg struct {
	ID            string `json:"id"`
	Email         string `json:"email"`
	Password      string `json:"password"`
	SessionCookie string `json:"session_cookie"` // a Cookie header; each run begins a new session
	APIKey        string `json:"api_key"`
	AgentID       string `json:"agent_id"`
	AgentSlug     string `json:"agent_slug"`
	WebhookSecret string `json:"webhook_secret"` // signs the org's callbacks
}

// balances has the demo orgs and their first balances.
var balances = map[string]ledger.Credits{"demo": 1000 * ledger.Credit, "other": 1000 * ledger.Credit, "empty": 0}

// demoRate is high enough for load tests.
const demoRate = 60_000

// demoPerSecond is the gateway's rate, enough for several demo orgs at once.
const demoPerSecond = "4000"

// demoFile is the path of demo.json. The file exists exactly while everything is served,
// so that a script can wait for it. Between runs, a file beside it keeps its content.
type demoFile string

func (f demoFile) kept() string { return string(f) + ".kept" }

// withdraw removes the file and keeps its content.
func (f demoFile) withdraw() error {
	err := os.Rename(string(f), f.kept())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// publish keeps the operator's key and the demo orgs of the previous run if the table
// still has them, and otherwise creates new ones. It logs the orgs' owners in and writes
// the file.
func (f demoFile) publish(ctx context.Context, deps *boot.Deps, baseURL string) (demo, error) {
	store, users, secrets := deps.Store(), login.Directory(deps), later.Secrets(deps)
	d, err := f.read()
	if err != nil {
		return demo{}, err
	}
	forgotten := len(d.Orgs) == 0
	d.BaseURL = baseURL
	if d.OperatorKey, err = operatorKey(ctx, store, d.OperatorKey); err != nil {
		return demo{}, err
	}
	for name, balance := range balances {
		org := d.Orgs[name]
		if _, err := store.KeyByHash(ctx, identity.Hash(org.APIKey)); err != nil {
			if org, err = makeOrg(ctx, store, name, balance); err != nil {
				return demo{}, err
			}
		}
		if err := org.logIn(ctx, store, users); err != nil {
			if forgotten { // the users belong to orgs whose keys are lost
				return demo{}, fmt.Errorf("%s is missing, but the data of an earlier run are there: run `make reset`, which forgets both (%w)", f.kept(), err)
			}
			return demo{}, fmt.Errorf("log %s in: %w", org.Email, err)
		}
		signing, err := secrets.Signing(ctx, org.ID, delivery.Callbacks)
		if err != nil {
			return demo{}, fmt.Errorf("the secret of %s: %w", name, err)
		}
		org.WebhookSecret = signing[0]
		d.Orgs[name] = org
	}
	if err := d.letSend(ctx, deps); err != nil {
		return demo{}, fmt.Errorf("the domain of the orgs' mail: %w", err)
	}
	body, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return demo{}, err
	}
	return d, os.WriteFile(string(f), append(body, '\n'), 0o600)
}

func (f demoFile) read() (demo, error) {
	d := demo{Orgs: map[string]demoOrg{}}
	body, err := os.ReadFile(f.kept())
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err != nil {
		return demo{}, err
	}
	if json.Unmarshal(body, &d) != nil || d.Orgs == nil {
		return demo{}, fmt.Errorf("%s is damaged: run `make reset`", f.kept())
	}
	return d, nil
}

// operatorKey returns the known key if it is live, otherwise a new one.
func operatorKey(ctx context.Context, store *dynamo.Store, known string) (string, error) {
	_, err := identity.NewOperators(store, time.Now).Authenticate(ctx, known)
	if !fault.Is(err, fault.Unauthorized) {
		return known, err
	}
	k, err := identity.NewOperatorKey("demo", time.Now())
	if err != nil {
		return "", err
	}
	return k.Secret, store.CreateKey(ctx, nil, k)
}

func makeOrg(ctx context.Context, store *dynamo.Store, name string, balance ledger.Credits) (demoOrg, error) {
	now := time.Now()
	org := identity.Org{ID: uuid.Must(uuid.NewV7()).String(), Name: name, Email: name + "@example.com", CreatedAt: now}
	money := ledger.NewAccount(org.ID, balance)
	money.Limits.RatePerMinute, money.Limits.KeyRatePerMinute = demoRate, demoRate
	if err := store.CreateOrg(ctx, org, money); err != nil {
		return demoOrg{}, err
	}
	raw, key, err := identity.Mint(identity.Key{
		ID: uuid.Must(uuid.NewV7()).String(), OrgID: org.ID, Name: "demo", Prefix: "fj", CreatedAt: now,
	}, rand.Reader)
	if err != nil {
		return demoOrg{}, err
	}
	if err := store.CreateKey(ctx, nil, key); err != nil {
		return demoOrg{}, err
	}
	a, draft := agent.New(org.ID, "Demo Agent", "Answers whatever it is asked", "You are a helpful assistant.", now)
	if err := store.CreateAgent(ctx, nil, a, draft); err != nil {
		return demoOrg{}, err
	}
	if _, err := store.DeployVersion(ctx, nil, org.ID, a.ID, draft.ID, now); err != nil {
		return demoOrg{}, err
	}
	return demoOrg{ID: org.ID, Email: org.Email, APIKey: raw, AgentID: a.ID, AgentSlug: a.Slug}, nil
}

// logIn creates the org's owner if necessary, and begins a session.
func (o *demoOrg) logIn(ctx context.Context, store *dynamo.Store, users *cognito.Directory) error {
	members := &identity.Members{Directory: users, Store: store, Now: time.Now}
	_, err := members.Add(ctx, nil, o.ID, o.Email, identity.Owner)
	if fault.Is(err, fault.Conflict) {
		err = o.promote(ctx, store, users)
	}
	if err != nil {
		return err
	}
	if o.Password == "" {
		o.Password = "Demo-1-" + strings.ToLower(rand.Text()) // strong enough for any policy
	}
	// The user may be new, with a temporary password.
	if err := users.SetPassword(ctx, o.Email, o.Password, true); err != nil {
		return err
	}
	token, err := users.SignIn(ctx, o.Email, o.Password, "")
	o.SessionCookie = "af_session=" + token
	return err
}

// promote makes the user an owner again if somebody has demoted the user.
func (o *demoOrg) promote(ctx context.Context, store *dynamo.Store, users *cognito.Directory) error {
	id, err := users.CreateUser(ctx, o.Email)
	if err != nil {
		return err
	}
	_, err = store.ChangeRole(ctx, nil, o.ID, id, identity.Owner)
	return err
}

// greeting returns the text that names the model and a first command to try.
func (d demo) greeting(model modelChoice) string {
	org := d.Orgs["demo"]
	return fmt.Sprintf(`
Quintet answers at %[1]s - keys and agents are in .local/demo.json,
and .local/access.log has a line for each request.
Behind it answers %[4]s. A first chat:

  KEY=%[2]s
  THREAD=$(curl -s %[1]s/api/threads -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
    -d '{"agentId": "%[3]s"}' | python3 -c 'import json,sys; print(json.load(sys.stdin)["id"])')
  curl -N %[1]s/api/threads/$THREAD/messages -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
    -d '{"content": "%[5]s"}'

Programs in curl, Python and TypeScript are in shared/docs/examples.
Ctrl-C stops everything.
`, d.BaseURL, org.APIKey, org.AgentID, model.answers, model.try)
}

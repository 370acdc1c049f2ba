package identity_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// people is both a directory and a table. A test can make each call fail, before or after
// its effect.
type people struct {
	users map[string]string        // id by email
	rows  map[string]identity.User // by id
	made  int
	fail  func() (before, after bool)
}

var errCut = errors.New("cut short")

func (p *people) step(do func() error) error {
	before, after := p.fail()
	if before {
		return errCut
	}
	if err := do(); err != nil {
		return err
	}
	if after {
		return errCut
	}
	return nil
}

// directory and table split people's methods of the same name.
type (
	directory struct{ *people }
	table     struct{ *people }
)

func (d directory) CreateUser(_ context.Context, email string) (id string, err error) {
	err = d.step(func() error {
		if d.users[email] == "" {
			d.made++
			d.users[email] = fmt.Sprintf("id-%d", d.made)
		}
		id = d.users[email]
		return nil
	})
	return id, err
}

func (d directory) DeleteUser(_ context.Context, id string) error {
	return d.step(func() error {
		for email, known := range d.users {
			if known == id {
				delete(d.users, email)
			}
		}
		return nil
	})
}

func (t table) User(_ context.Context, id string) (u identity.User, err error) {
	err = t.step(func() error {
		var ok bool
		if u, ok = t.rows[id]; !ok {
			return fault.New(fault.NotFound, "no")
		}
		return nil
	})
	return u, err
}

func (t table) CreateUser(_ context.Context, _ *idempotency.Change, u identity.User) error {
	return t.step(func() error {
		if _, ok := t.rows[u.ID]; ok {
			return fault.New(fault.Conflict, "known")
		}
		t.rows[u.ID] = u
		return nil
	})
}

func (t table) BeginRemoval(_ context.Context, orgID, id string, at time.Time) (u identity.User, err error) {
	err = t.step(func() error {
		var ok bool
		if u, ok = t.rows[id]; !ok || u.OrgID != orgID {
			return fault.New(fault.NotFound, "no")
		}
		u.RemovedAt = at
		t.rows[id] = u
		return nil
	})
	return u, err
}

func (t table) FinishRemoval(ctx context.Context, _ *idempotency.Change, u identity.User) error {
	return t.ForgetUser(ctx, u)
}

func (t table) ForgetUser(_ context.Context, u identity.User) error {
	return t.step(func() error {
		delete(t.rows, u.ID)
		return nil
	})
}

func (t table) ConfirmUser(context.Context, *idempotency.Change, identity.User) error {
	return t.step(func() error { return nil })
}

func newPeople() (*people, *identity.Members) {
	p := &people{users: map[string]string{}, rows: map[string]identity.User{}, fail: func() (bool, bool) { return false, false }}
	return p, &identity.Members{Directory: directory{p}, Store: table{p}, Now: func() time.Time { return time.Unix(1000, 0) }}
}

// After an interruption at any point, a retry of Add or Remove completes it, and directory
// and table agree.
func TestMembers_RetryAfterInterruption(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, members := newPeople()
		steady := p.fail
		want := map[string]string{} // org by email
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			email := rapid.SampledFrom([]string{"a@example", "b@example"}).Draw(t, "email")
			org := rapid.SampledFrom([]string{"o", "p"}).Draw(t, "org")
			adding := rapid.Bool().Draw(t, "adding")
			id := p.users[email]
			do := func() error {
				if adding {
					u, err := members.Add(t.Context(), nil, org, email, identity.Member)
					if err == nil && (u.OrgID != org || u.Email != email || u.ID != p.users[email]) {
						t.Fatalf("got member %+v, want %s with id %s in org %s", u, email, p.users[email], org)
					}
					return err
				}
				return members.Remove(t.Context(), nil, org, id)
			}
			if adding || want[email] == org { // an org cannot name another org's members
				cut := rapid.IntRange(0, 6).Draw(t, "cut")
				after := rapid.Bool().Draw(t, "after")
				p.fail = func() (bool, bool) {
					cut--
					return cut == 0 && !after, cut == 0 && after
				}
				if err := do(); errors.Is(err, errCut) {
					p.fail = steady
					// A removal that was interrupted after its last step is complete.
					if err := do(); err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Conflict) {
						t.Fatalf("second time: got %v, want no error, NotFound or Conflict", err)
					}
				}
				p.fail = steady
				switch {
				case adding && want[email] == "":
					want[email] = org
				case !adding:
					delete(want, email)
				}
			}
			got := map[string]string{}
			for email, id := range p.users {
				got[email] = p.rows[id].OrgID
			}
			if fmt.Sprint(got) != fmt.Sprint(want) || len(p.rows) != len(want) {
				t.Fatalf("got %v in the directory and %v in the table, want %v", got, p.rows, want)
			}
		}
	})
}

func TestMembers_AddExisting(t *testing.T) {
	p, members := newPeople()
	first, err := members.Add(t.Context(), nil, "o", "a@example", identity.Owner)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		org  string
		role identity.Role
		code fault.Code
	}{
		"again":        {"o", identity.Owner, ""},
		"another role": {"o", identity.Member, fault.Conflict},
		"another org":  {"p", identity.Owner, fault.Conflict},
	} {
		u, err := members.Add(t.Context(), nil, c.org, "a@example", c.role)
		if c.code == "" && (err != nil || u.ID != first.ID) || c.code != "" && !fault.Is(err, c.code) {
			t.Errorf("%s: got %+v, %v; want %s or code %q", name, u, err, first.ID, c.code)
		}
	}
	if len(p.rows) != 1 || p.rows[first.ID].Role != identity.Owner {
		t.Errorf("got table %v, want only the owner", p.rows)
	}
}

package ses_test

import (
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/ses"
	"github.com/quintet-agents/quintet/shared/connection"
	fake "github.com/quintet-agents/quintet/tests/ses"
)

func identity(name string, verified bool, orgs string) fake.Identity {
	return fake.Identity{Name: name, Verified: verified, Tags: map[string]string{connection.IdentityTag: orgs}}
}

// The most specific verified identity decides whether an org may send from an address. One that
// is verified for another org of the deployment does not let it send.
func TestSend_Identity(t *testing.T) {
	for name, c := range map[string]struct {
		identities []fake.Identity
		want       string // the code of the refusal
	}{
		"of the domain":                    {[]fake.Identity{identity("shop.example", true, org)}, ""},
		"of the address":                   {[]fake.Identity{identity("support@shop.example", true, org)}, ""},
		"of several orgs":                  {[]fake.Identity{identity("shop.example", true, "x "+org)}, ""},
		"none":                             {nil, "IdentityNotFound"},
		"of another domain":                {[]fake.Identity{identity("another.example", true, org)}, "IdentityNotFound"},
		"not verified":                     {[]fake.Identity{identity("shop.example", false, org)}, "IdentityNotFound"},
		"of another org":                   {[]fake.Identity{identity("shop.example", true, "another")}, "IdentityNotAssigned"},
		"of an org whose id begins alike":  {[]fake.Identity{identity("shop.example", true, org+"x")}, "IdentityNotAssigned"},
		"without a tag":                    {[]fake.Identity{{Name: "shop.example", Verified: true}}, "IdentityNotAssigned"},
		"its address is another org's":     {[]fake.Identity{identity("shop.example", true, org), identity("support@shop.example", true, "another")}, "IdentityNotAssigned"},
		"its address is not yet verified":  {[]fake.Identity{identity("shop.example", true, org), identity("support@shop.example", false, "another")}, ""},
		"with another tag of the same org": {[]fake.Identity{{Name: "shop.example", Verified: true, Tags: map[string]string{"org": org}}}, "IdentityNotAssigned"},
	} {
		t.Run(name, func(t *testing.T) {
			s := fake.Start(t, "us-east-1", c.identities...)
			_, err := client(s.URL, "us-east-1").Send(t.Context(), account(), outgoing())
			if c.want == "" {
				if err != nil || len(s.Accepted()) != 1 {
					t.Errorf("got %v, want the mail sent", err)
				}
				return
			}
			if f := failureOf(t, err); f.Kind != channel.Stopped || f.Name != c.want || len(s.Accepted()) != 0 {
				t.Errorf("got %v, code %s, want %s and nothing sent", err, f.Name, c.want)
			}
		})
	}
}

// A domain above that of the address is an identity of it, up to the one below the top.
func TestSend_DomainAbove(t *testing.T) {
	a := account()
	a.Identifiers["address"] = "a@mail.eu.shop.example"
	s := fake.Start(t, "us-east-1", shop())
	if _, err := client(s.URL, "us-east-1").Send(t.Context(), a, outgoing()); err != nil || s.Reads() != 4 {
		t.Errorf("got %v after %d reads, want 4", err, s.Reads())
	}
}

// What is allowed is remembered for ten minutes, for one org and address. A refusal is not, so
// that what the operator repairs works at once.
func TestSend_IdentityRemembered(t *testing.T) {
	s := fake.Start(t, "us-east-1", identity("shop.example", true, "another"))
	now := clock{at}
	c := ses.New(config(s.URL, "us-east-1"), nil, func() time.Time { return now.now })
	send := func(a channel.Account) error {
		_, err := c.Send(t.Context(), a, outgoing())
		return err
	}
	if send(account()) == nil {
		t.Error("got no refusal")
	}
	s.Add(shop())
	for range 3 {
		if err := send(account()); err != nil {
			t.Error(err)
		}
	}
	if got := s.Reads(); got != 4 { // address and domain, once for the refusal and once after it
		t.Errorf("got %d reads, want 4", got)
	}
	other := account()
	other.OrgID = "another"
	if send(other) == nil {
		t.Error("another org sends from the same address")
	}
	s.Add(identity("shop.example", true, "another"))
	now.now = now.now.Add(10*time.Minute - time.Second)
	if err := send(account()); err != nil {
		t.Errorf("within ten minutes: got %v", err)
	}
	now.now = now.now.Add(time.Second)
	if send(account()) == nil {
		t.Error("got no refusal after ten minutes")
	}
}

// A failed read of the identity sends nothing, so that each failure of it may be retried.
func TestSend_IdentityNotRead(t *testing.T) {
	for name, c := range map[string]struct {
		reply fake.Reply
		want  channel.Kind
	}{
		"throttled": {fake.Error(429, "TooManyRequestsException", "Rate exceeded"), channel.Throttled},
		"denied":    {fake.Error(403, "AccessDeniedException", "no"), channel.Stopped},
		"fault":     {fake.Error(500, "InternalServiceErrorException", "no"), channel.Unsent},
		"hung up":   {fake.HangUp, channel.Unsent},
	} {
		t.Run(name, func(t *testing.T) {
			s := fake.Start(t, "us-east-1", shop())
			s.RefuseRead(c.reply)
			_, err := client(s.URL, "us-east-1").Send(t.Context(), account(), outgoing())
			if f := failureOf(t, err); f.Kind != c.want || len(s.Accepted()) != 0 {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

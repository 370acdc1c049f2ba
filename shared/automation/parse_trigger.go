package automation

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/automation/cron"
)

var pathForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{7,99}$`)

const maxSecret = 256 // characters

func (p *parser) trigger(value any) Trigger {
	r := read("trigger", value, p.fail)
	t := Trigger{Type: oneOf(r, "type", Webhook, Schedule, OnEvent)}
	switch t.Type {
	case Webhook:
		if t.Path = r.text("path", 100); !pathForm.MatchString(t.Path) {
			r.refuse("path", "must be 8 to 100 of A-Z, a-z, 0-9, _ and -, and begin with a letter or a digit")
		}
		t.Verify = p.verify(r)
	case Schedule:
		p.schedule(r, &t)
	case OnEvent:
		t.Event, t.AgentID = r.need("event", 100), strings.ToLower(r.text("agent_id", maxID))
		switch {
		case t.Event == "":
		case isOfAutomations(t.Event):
			r.refuse("event", "must not be an event of automations, because they could start each other for ever")
		case !slices.Contains(p.events, t.Event):
			r.refuse("event", "must be one of %s", strings.Join(slices.DeleteFunc(slices.Clone(p.events), isOfAutomations), ", "))
		}
	}
	if t.Type != "" {
		r.end("a trigger of type " + string(t.Type))
	}
	return t
}

// isOfAutomations reports whether an event is one that runs cause.
func isOfAutomations(event string) bool { return strings.HasPrefix(event, "automation.") }

func (p *parser) verify(r *reader) *Verify {
	v, ok := r.get("verify")
	if !ok {
		r.refuse("verify", `must be an object such as {"type": "standard-webhooks"}: requests that nobody signed start no run`)
		return nil
	}
	if _, ok := v.(map[string]any); !ok {
		r.refuse("verify", `must be an object such as {"type": "standard-webhooks"}`)
		return nil
	}
	in := read(r.at("verify"), v, p.fail)
	out := &Verify{Type: oneOf(in, "type", StandardWebhooks, HMACSHA256, Bearer)}
	if secret := in.text("secret", maxSecret); secret != "" {
		switch key, encoded := strings.CutPrefix(secret, "whsec_"); {
		case len(secret) < minSecret:
			in.refuse("secret", "must be a string of %d to %d characters", minSecret, maxSecret)
		case out.Type == StandardWebhooks && encoded && !isBase64(key):
			in.refuse("secret", "must be base64 after whsec_")
		}
		p.plain[VerifySecret] = secret
	}
	in.end("verify")
	return out
}

// minSecret keeps guessed secrets out.
const minSecret = 16

func isBase64(text string) bool {
	_, err := base64.StdEncoding.DecodeString(text)
	return err == nil
}

func (p *parser) schedule(r *reader, t *Trigger) {
	t.Cron, t.Timezone = r.text("cron", 200), r.text("timezone", 100)
	t.EveryMinutes = r.number("every_minutes", 7*24*60, 0)
	switch {
	case t.Cron == "" && t.EveryMinutes == 0:
		r.refuse("cron", "must be five fields, such as 0 9 * * MON-FRI, unless every_minutes has a number")
	case t.Cron != "" && t.EveryMinutes > 0:
		r.refuse("every_minutes", "must be left out with cron")
	case t.Cron == "" && t.Timezone != "":
		r.refuse("timezone", "is only for cron")
	}
	if *p.fail != nil || t.Cron == "" {
		return
	}
	if _, err := cron.Parse(t.Cron); err != nil {
		r.refuse("cron", "must be five fields, such as 0 9 * * MON-FRI: %s", err)
	}
	if _, err := cron.Zone(t.Timezone); err != nil {
		r.refuse("timezone", "must be the name of a time zone, such as Europe/Berlin")
	}
}

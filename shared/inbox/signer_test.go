package inbox_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo"
)

// withSecret gives the desk's connection an app secret.
func (d *desk) withSecret(secret string) {
	d.t.Helper()
	sealed := connection.Sealed{"access_token": []byte("t"), "app_secret": []byte(secret)}
	c, err := d.Store.RotateCredentials(d.t.Context(), nil, d.org, d.connection.ID, sealed, d.now())
	if err != nil {
		d.t.Fatal(err)
	}
	d.connection = c
}

// second creates another connection of the org, for the account 2.
func (d *desk) second(secret string) {
	d.t.Helper()
	c := d.connection
	c.ID, c.Identifiers = connection.NewID(), map[string]string{"phone_number_id": "2"}
	if err := d.Store.CreateConnection(d.t.Context(), nil, c, connection.Sealed{"access_token": []byte("other"), "app_secret": []byte(secret)}); err != nil {
		d.t.Fatal(err)
	}
}

// The webhook of one connection brings the updates of another account only if both have the same
// app: who knows the app secret of a disabled connection must not write for all.
func TestReceiver_OtherAccounts(t *testing.T) {
	for name, c := range map[string]struct {
		secret string
		want   int
	}{
		"of the same app": {"s", 2},
		"of another app":  {"other", 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := openDesk(t)
			d.withSecret("s")
			d.second(c.secret)
			first, foreign := d.message("m1", "316", "hello"), d.message("m2", "317", "hello")
			foreign.Account = "2"
			d.receive(first, foreign)
			d.drain(time.Minute)
			want(t, "answers", c.want, len(d.phone.texts()))
		})
	}
}

// unlisted is a store that cannot list connections now.
type unlisted struct{ *dynamo.Store }

func (unlisted) Connections(context.Context, string, string, int) ([]connection.Connection, error) {
	return nil, errors.New("throttled")
}

// If the connections cannot be read, the provider must deliver the batch again.
func TestReceiver_OwnersUnread(t *testing.T) {
	d := openDesk(t)
	d.second("")
	store := d.receiver.Store
	d.receiver.Store = unlisted{d.Store}
	foreign := d.message("m1", "317", "hello")
	foreign.Account = "2"
	if err := d.receiver.Take(t.Context(), d.connection, []channel.Update{foreign}); err == nil {
		t.Error("got a batch acknowledged whose message was not stored")
	}
	d.receiver.Store = store
	d.receive(foreign)
	d.drain(time.Minute)
	want(t, "answers", 1, len(d.phone.texts()))
}

package inbox

import (
	"context"
	"crypto/subtle"
	"sync"

	"github.com/quintet-agents/quintet/shared/connection"
)

// owners returns a function that finds the connection for an account. One app has one webhook
// for all its accounts, so a batch may be for other connections of the org. An update of an
// unknown account is ignored; an error is that of the store.
func (r *Receiver) owners(ctx context.Context, c connection.Connection) func(account string) (of connection.Connection, known bool, err error) {
	all := sync.OnceValues(func() ([]connection.Connection, error) {
		return r.Store.Connections(ctx, c.OrgID, "", connection.MaxConnections)
	})
	return func(account string) (connection.Connection, bool, error) {
		if account == "" || account == c.Account() {
			return c, true, nil
		}
		others, err := all()
		if err != nil {
			return connection.Connection{}, false, err
		}
		for _, other := range others {
			if other.Channel == c.Channel && other.Account() == account {
				same, err := r.sameSigner(ctx, c, other)
				return other, same, err
			}
		}
		return connection.Connection{}, false, nil
	}
}

// signers are the secrets that sign the webhooks of all accounts of an app. Providers of mail
// have a key for each webhook, which may bring the mail of all addresses of a domain.
var signers = []string{"app_secret", "auth_token"}

// sameSigner reports whether the webhooks of two connections are signed with the same secret. The
// secret of a disabled connection, for one, must not be enough to write to the others.
func (r *Receiver) sameSigner(ctx context.Context, a, b connection.Connection) (bool, error) {
	one, err := r.Accounts.Open(ctx, a)
	if err != nil {
		return false, err
	}
	two, err := r.Accounts.Open(ctx, b)
	if err != nil {
		return false, err
	}
	for _, name := range signers {
		if subtle.ConstantTimeCompare([]byte(one.Secrets[name]), []byte(two.Secrets[name])) != 1 {
			return false, nil
		}
	}
	return true, nil
}

package inbox

import (
	"context"
	"fmt"
	"sync"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
)

// Accounts opens the secrets of connections, and keeps them while their version lasts.
type Accounts struct {
	Store interface {
		Credentials(ctx context.Context, orgID, id string) (connection.Sealed, error)
	}
	Opener channel.Opener

	mu     sync.Mutex
	opened map[string]connection.Secrets
}

// maxOpened bounds the connections whose secrets a process keeps.
const maxOpened = 500

// Open returns a connection with all its secrets.
func (a *Accounts) Open(ctx context.Context, c connection.Connection) (channel.Account, error) {
	name := fmt.Sprintf("%s %s %d", c.OrgID, c.ID, c.Credentials)
	a.mu.Lock()
	secrets, ok := a.opened[name]
	a.mu.Unlock()
	if ok {
		return channel.Account{Connection: c, Secrets: secrets}, nil
	}
	sealed, err := a.Store.Credentials(ctx, c.OrgID, c.ID)
	if err != nil {
		return channel.Account{}, err
	}
	secrets = make(connection.Secrets, len(sealed))
	for field, bytes := range sealed {
		if secrets[field], err = a.Opener.OpenCredential(ctx, c.Owner(), field, bytes); err != nil {
			return channel.Account{}, err
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.opened == nil || len(a.opened) >= maxOpened {
		a.opened = map[string]connection.Secrets{}
	}
	a.opened[name] = secrets
	return channel.Account{Connection: c, Secrets: secrets}, nil
}

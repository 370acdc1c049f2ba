package turn

import (
	"sync"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// kinds remembers which agents answer with their org's own key, for admission
// runs beside the read that would tell. A wrong guess costs one more admission.
type kinds struct {
	mu  sync.Mutex
	own map[string]bool // by id or slug
}

// maxKinds bounds what is remembered; a process that meets more guesses anew.
const maxKinds = 1000

func (k *kinds) guess(agent string) ledger.Kind {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.own[agent] {
		return ledger.OwnKey
	}
	return ledger.Hosted
}

func (k *kinds) learn(agent string, kind ledger.Kind) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if kind != ledger.OwnKey {
		delete(k.own, agent)
		return
	}
	if k.own == nil || len(k.own) >= maxKinds {
		k.own = map[string]bool{}
	}
	k.own[agent] = true
}

func kindOf(live agent.Live) ledger.Kind {
	if live.OwnKey {
		return ledger.OwnKey
	}
	return ledger.Hosted
}

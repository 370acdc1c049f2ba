package turn

import "github.com/quintet-agents/quintet/shared/ledger"

// kindOf returns the kind of a turn by whether the org's own key pays for it.
func kindOf(ownKey bool) ledger.Kind {
	if ownKey {
		return ledger.OwnKey
	}
	return ledger.Hosted
}

package boot

import "time"

// StoreTime shortens what a call of the store may take, until it is restored.
func StoreTime(d time.Duration) (restore func()) {
	old := storeTime
	storeTime = d
	return func() { storeTime = old }
}

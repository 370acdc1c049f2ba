package local

import (
	"cmp"
	"io"
	"time"

	"github.com/quintet-agents/quintet/shared/local/gateway"
	"github.com/quintet-agents/quintet/shared/local/logs"
)

// accessLog writes one line per request, with a dash for each unknown value:
//
//	2026-11-30T06:17:11.123Z POST /api/threads 201 42ms flapjack-thread-create request=ID org=ID
func accessLog(w io.Writer) func(gateway.Access) {
	log := logs.New(w)
	return func(a gateway.Access) {
		log.Printf("%s %s %s %d %dms %s request=%s org=%s", a.At.UTC().Format("2006-01-02T15:04:05.000Z"),
			a.Method, a.Path, a.Status, a.Duration.Round(time.Millisecond).Milliseconds(), cmp.Or(a.Function, "-"), a.RequestID, cmp.Or(a.OrgID, "-"))
	}
}

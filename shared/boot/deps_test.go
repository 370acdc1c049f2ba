package boot_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/boot"
)

// A store call without a response is retried.
func TestStore_RetriesSilentCall(t *testing.T) {
	t.Cleanup(boot.StoreTime(50 * time.Millisecond))
	var calls atomic.Int64
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if calls.Add(1) == 1 {
			<-r.Context().Done()
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write([]byte(`{"Item":{"org_id":{"S":"o"}}}`))
	}))
	t.Cleanup(store.Close)
	d := boot.NewDeps(boot.Config{Endpoint: store.URL, Table: "t", Region: "us-east-1", AccessKeyID: "a", SecretAccessKey: "b"})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	a, err := d.Store().Account(ctx, "o")
	if err != nil || a.OrgID != "o" || calls.Load() != 2 {
		t.Errorf(`got %+v after %d calls, %v; want org "o" after 2`, a, calls.Load(), err)
	}
}

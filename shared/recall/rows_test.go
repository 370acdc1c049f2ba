package recall_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/recall"
)

// shelf is a store of rows that counts its reads.
type shelf struct {
	rows  map[string]int
	asked int
}

var errNone = errors.New("none")

func (s *shelf) read(_ context.Context, name string) (int, error) {
	s.asked++
	v, ok := s.rows[name]
	if !ok {
		return 0, errNone
	}
	return v, nil
}

// A row is cached for less than five seconds, counted from before the read; a missing row is
// not cached.
func TestRows_Expire(t *testing.T) {
	var (
		rows  recall.Rows[int]
		store = &shelf{rows: map[string]int{"a": 1}}
		now   = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	)
	for i, c := range []struct {
		after time.Duration
		name  string
		row   int // stored from now on; 0: none
		want  int
		asked int // reads so far
	}{
		{0, "a", 1, 1, 1},
		{0, "a", 2, 1, 1},
		{4*time.Second - 1, "a", 2, 1, 1},
		{1, "a", 2, 2, 2},
		{0, "b", 0, 0, 3},
		{0, "b", 3, 3, 4},
		{0, "b", 0, 3, 4},
		{4 * time.Second, "b", 0, 0, 5},
	} {
		now = now.Add(c.after)
		delete(store.rows, c.name)
		if c.row != 0 {
			store.rows[c.name] = c.row
		}
		got, err := rows.Get(t.Context(), now, c.name, store.read)
		if got != c.want || (err != nil) != (c.want == 0) || store.asked != c.asked {
			t.Errorf("%d: got %d, %v, asked %d times; want %d, %d times", i, got, err, store.asked, c.want, c.asked)
		}
	}
}

func TestRows_Bounded(t *testing.T) {
	var rows recall.Rows[int]
	store := &shelf{rows: map[string]int{}}
	now := time.Unix(0, 0)
	const names = 2500
	for range 2 {
		for i := range names {
			store.rows[strconv.Itoa(i)] = i + 1
			if _, err := rows.Get(t.Context(), now, strconv.Itoa(i), store.read); err != nil {
				t.Fatal(err)
			}
		}
	}
	if store.asked < 2*names-1000 {
		t.Errorf("got %d reads, want at least %d: only 1000 rows are remembered", store.asked, 2*names-1000)
	}
}

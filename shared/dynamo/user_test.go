package dynamo_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func newUser(org string, role identity.Role, at time.Time) identity.User {
	return identity.User{ID: uuid.NewString(), OrgID: org, Email: "u@example.com", Role: role, CreatedAt: at, Ended: map[string]time.Time{}}
}

func mustCreate(t *testing.T, table dynamotest.Table, users ...identity.User) {
	t.Helper()
	for _, u := range users {
		if err := table.Store.CreateUser(ctx, nil, u); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUser_CreateAndRead(t *testing.T) {
	table := dynamotest.Open(t)
	org, other := table.Org(t, 0), table.Org(t, 0)
	u := newUser(org, identity.Owner, noon)
	mustCreate(t, table, u)
	for _, again := range []identity.User{u, newUser(other, identity.Member, noon)} {
		again.ID = u.ID
		wantCode(t, table.Store.CreateUser(ctx, nil, again), fault.Conflict)
	}
	got, err := table.Store.User(ctx, u.ID)
	if d := cmp.Diff(u, got); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	_, err = table.Store.Member(ctx, other, u.ID)
	wantCode(t, err, fault.NotFound)
	_, err = table.Store.User(ctx, uuid.NewString())
	wantCode(t, err, fault.NotFound)
}

func TestEndSession(t *testing.T) {
	table := dynamotest.Open(t)
	u := newUser(table.Org(t, 0), identity.Member, noon)
	mustCreate(t, table, u)
	end := func(id string, expires, now time.Time) {
		t.Helper()
		if err := table.Store.EndSession(ctx, nil, identity.Session{ID: id, UserID: u.ID, ExpiresAt: expires}, now); err != nil {
			t.Fatal(err)
		}
	}
	ended := func() []string {
		t.Helper()
		got, err := table.Store.User(ctx, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for id := range got.Ended {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		return ids
	}
	end("a", noon.Add(time.Hour), noon)
	end("b.#:", noon.Add(2*time.Hour), noon)
	end("a", noon.Add(time.Hour), noon)
	if got := ended(); !slices.Equal(got, []string{"a", "b.#:"}) {
		t.Errorf("got ended sessions %v, want [a b.#:]", got)
	}
	// Ended sessions are removed after their expiry, and not before.
	end("c", noon.Add(4*time.Hour), noon.Add(time.Hour))
	if got := ended(); len(got) != 3 {
		t.Errorf("got ended sessions %v, want 3", got)
	}
	end("d", noon.Add(4*time.Hour), noon.Add(3*time.Hour))
	if got := ended(); !slices.Equal(got, []string{"c", "d"}) {
		t.Errorf("got ended sessions %v, want [c d]", got)
	}
	// Concurrent ends are all recorded.
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() { end(fmt.Sprint(i), noon.Add(9*time.Hour), noon.Add(8*time.Hour)) })
	}
	all.Wait()
	if got := ended(); len(got) != 8 {
		t.Errorf("got ended sessions %v, want 8", got)
	}
	if err := table.Store.EndSession(ctx, nil, identity.Session{ID: "x", UserID: uuid.NewString(), ExpiresAt: noon}, noon); err != nil {
		t.Errorf("session of an unknown user: got error %v, want none", err)
	}
}

// A user can log out any number of times.
func TestEndSession_ManySessions(t *testing.T) {
	table := dynamotest.Open(t)
	u := newUser(table.Org(t, 0), identity.Member, noon)
	mustCreate(t, table, u)
	const many = 500
	for i := range many {
		s := identity.Session{ID: fmt.Sprintf("0190d3c0-7a5e-7cc3-98c4-%012d", i), UserID: u.ID, ExpiresAt: noon.Add(time.Hour)}
		if err := table.Store.EndSession(ctx, nil, s, noon); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 6 {
		s := identity.Session{ID: fmt.Sprint(i), UserID: u.ID, ExpiresAt: noon.Add(5 * time.Hour)}
		if err := table.Store.EndSession(ctx, nil, s, noon.Add(3*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := table.Store.User(ctx, u.ID)
	if err != nil || len(got.Ended) != 6 {
		t.Errorf("got %d sessions: %v; want 6", len(got.Ended), err)
	}
}

// If all owners leave or step down concurrently, one remains.
func TestChangeRole_LastOwner(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	var owners []identity.User
	for i := range 6 {
		owners = append(owners, newUser(org, identity.Owner, noon.Add(time.Duration(i)*time.Second)))
	}
	mustCreate(t, table, owners...)
	var refused atomic.Int64
	var all sync.WaitGroup
	for i, u := range owners {
		all.Go(func() {
			var err error
			if i%2 == 0 {
				_, err = table.Store.BeginRemoval(ctx, org, u.ID, noon)
			} else {
				_, err = table.Store.ChangeRole(ctx, nil, org, u.ID, identity.Member)
			}
			if fault.Is(err, fault.Conflict) {
				refused.Add(1)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	members, err := table.Store.Members(ctx, org, nil, 100)
	if err != nil {
		t.Fatal(err)
	}
	left := 0
	for _, m := range members {
		if m.Role == identity.Owner {
			left++
		}
	}
	if left != 1 || refused.Load() != 1 {
		t.Errorf("got %d owners left, %d refused; want 1, 1", left, refused.Load())
	}
}

// After any sequence of changes, both rows of each member agree and the count of owners is right. It never
// decreases to zero.
func TestMembers_RowsAgree(t *testing.T) {
	table := dynamotest.Open(t)
	rapid.Check(t, func(rt *rapid.T) {
		org, other := table.Org(t, 0), table.Org(t, 0)
		model := map[string]identity.User{}
		at := noon
		create := func(role identity.Role) {
			at = at.Add(time.Second)
			u := newUser(org, role, at)
			mustCreate(t, table, u)
			model[u.ID] = u
		}
		create(identity.Owner)
		owners := func() (n int) {
			for _, u := range model {
				if u.Role == identity.Owner {
					n++
				}
			}
			return n
		}
		pick := func() identity.User {
			var ids []string
			for id := range model {
				ids = append(ids, id)
			}
			slices.SortFunc(ids, func(a, b string) int { return model[a].CreatedAt.Compare(model[b].CreatedAt) })
			return model[rapid.SampledFrom(ids).Draw(rt, "who")]
		}
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			switch rapid.IntRange(0, 3).Draw(rt, "what") {
			case 0:
				create(rapid.SampledFrom(identity.Roles).Draw(rt, "role"))
			case 1:
				u, role := pick(), rapid.SampledFrom(identity.Roles).Draw(rt, "role")
				last := u.Role == identity.Owner && role != identity.Owner && owners() == 1
				_, err := table.Store.ChangeRole(ctx, nil, org, u.ID, role)
				if got := fault.Is(err, fault.Conflict); got != last || err != nil && !got {
					rt.Fatalf("got %v, want Conflict for the last owner: %t", err, last)
				}
				if err == nil {
					u.Role = role
					model[u.ID] = u
				}
			case 2:
				u := pick()
				last := u.Role == identity.Owner && owners() == 1
				gone, err := table.Store.BeginRemoval(ctx, org, u.ID, noon)
				if got := fault.Is(err, fault.Conflict); got != last || err != nil && !got {
					rt.Fatalf("got %v, want Conflict for the last owner: %t", err, last)
				}
				if err != nil {
					continue
				}
				delete(model, u.ID)
				if again, err := table.Store.BeginRemoval(ctx, org, u.ID, noon.Add(time.Hour)); err != nil || !again.RemovedAt.Equal(gone.RemovedAt) {
					rt.Fatalf("got second removal %+v, %v; want the time of the first, %s", again, err, gone.RemovedAt)
				}
				if rapid.Bool().Draw(rt, "finish") {
					for range 2 {
						if err := table.Store.FinishRemoval(ctx, nil, gone); err != nil {
							rt.Fatal(err)
						}
					}
				}
			case 3:
				_, err := table.Store.ChangeRole(ctx, nil, other, pick().ID, identity.Owner)
				wantCode(t, err, fault.NotFound)
				_, err = table.Store.BeginRemoval(ctx, other, pick().ID, noon)
				wantCode(t, err, fault.NotFound)
			}
		}
		var want []identity.User
		for _, u := range model {
			own, err := table.Store.Member(ctx, org, u.ID)
			if d := cmp.Diff(u, own); d != "" || err != nil {
				rt.Fatalf("%v (-want +got):\n%s", err, d)
			}
			u.Ended = nil
			want = append(want, u)
		}
		slices.SortFunc(want, func(a, b identity.User) int { return b.CreatedAt.Compare(a.CreatedAt) })
		limit := rapid.IntRange(1, 3).Draw(rt, "limit")
		var got []identity.User
		for after := (*identity.User)(nil); ; {
			page, err := table.Store.Members(ctx, org, after, limit)
			if err != nil {
				rt.Fatal(err)
			}
			got = append(got, page...)
			if len(page) < limit {
				break
			}
			after = &identity.User{ID: page[limit-1].ID, CreatedAt: page[limit-1].CreatedAt}
		}
		if d := cmp.Diff(want, got); d != "" {
			rt.Fatalf("the list (-want +got):\n%s", d)
		}
	})
}

// Concurrent removals of one member all find the member: a repeated request must not get a
// NotFound while the first one is still running.
func TestBeginRemoval_Concurrent(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	for range 5 {
		u := newUser(org, identity.Member, noon)
		mustCreate(t, table, u)
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if got, err := table.Store.BeginRemoval(ctx, org, u.ID, noon); err != nil || !got.RemovedAt.Equal(noon) {
					t.Errorf("got %v, removed at %v; want the member, removed at noon", err, got.RemovedAt)
				}
			})
		}
		wg.Wait()
	}
}

// ForgetUser does not delete a member whose removal has not begun.
func TestForgetUser_WithoutRemoval(t *testing.T) {
	table := dynamotest.Open(t)
	u := newUser(table.Org(t, 0), identity.Member, noon)
	mustCreate(t, table, u)
	if table.Store.ForgetUser(ctx, u) == nil {
		t.Error("got a member forgotten, want an error")
	}
	if _, err := table.Store.Member(ctx, u.OrgID, u.ID); err != nil {
		t.Error(err)
	}
}

// A request that needs no change stores its answer like one that makes a change.
func TestConfirmUser_KeepsAnswer(t *testing.T) {
	table := dynamotest.Open(t)
	u := newUser(table.Org(t, 0), identity.Member, noon)
	mustCreate(t, table, u)
	key, err := idempotency.New(u.OrgID, "POST", "/x", "once", nil)
	if err != nil {
		t.Fatal(err)
	}
	once := &idempotency.Change{Key: key, Answer: func(result any) (idempotency.Answer, error) {
		return idempotency.Answer{Status: 201, Body: []byte(result.(identity.User).ID)}, nil
	}}
	if err := table.Store.ConfirmUser(ctx, once, u); err != nil {
		t.Fatal(err)
	}
	kept, err := table.Store.Answered(ctx, key)
	if err != nil || kept == nil || string(kept.Body) != u.ID {
		t.Errorf("got %+v, %v; want the answer %s", kept, err, u.ID)
	}
	if err := table.Store.ConfirmUser(ctx, nil, u); err != nil {
		t.Errorf("without a key: %v", err)
	}
}

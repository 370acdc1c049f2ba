package identity_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// counter counts attempts like the store.
type counter map[identity.Attempt]int

func (c counter) Attempt(_ context.Context, a identity.Attempt) (bool, error) {
	if c[a] >= a.Limit {
		return false, nil
	}
	c[a]++
	return true, nil
}

func (c counter) Forgive(_ context.Context, a identity.Attempt) error {
	c[a]--
	return nil
}

// passwords has the users' passwords by email address.
type passwords map[string]string

var errDown = errors.New("down")

func (p passwords) SignIn(_ context.Context, email, password, newPassword string) (string, error) {
	switch want, ok := p[email]; {
	case email == "down@example.com":
		return "", errDown
	case !ok || password != want:
		return "", identity.ErrWrongPassword
	case password == "temporary" && newPassword == "":
		return "", identity.ErrNewPassword
	}
	return strings.ReplaceAll(email, "@", "-") + ".s.1", nil
}

type loginStand struct {
	*identity.Gate

	now time.Time
}

func newLoginStand() *loginStand {
	s := &loginStand{now: time.Date(2026, time.March, 1, 12, 3, 0, 0, time.UTC)}
	now := func() time.Time { return s.now }
	r := &rows{users: map[string]identity.User{"u": {ID: "u", OrgID: "o", Role: identity.Owner}}}
	auth := identity.NewAuthenticator(r, now)
	auth.Sessions = tokens{
		"u-example.s.1":       {ID: "1", UserID: "u", ExpiresAt: s.now.Add(time.Hour)},
		"new-example.s.1":     {ID: "2", UserID: "u", ExpiresAt: s.now.Add(time.Hour)},
		"orphan-example.s.1":  {ID: "3", UserID: "nobody", ExpiresAt: s.now.Add(time.Hour)},
		"another-example.s.1": {ID: "4", UserID: "u", ExpiresAt: s.now.Add(time.Hour)},
	}
	s.Gate = &identity.Gate{
		Users:    passwords{"u@example": "right", "new@example": "temporary", "orphan@example": "right", "another@example": "right"},
		Attempts: counter{}, Sessions: auth, Now: now,
		Devices: &identity.Devices{Key: func(context.Context) ([]byte, error) { return []byte("key"), nil }, Now: now},
	}
	return s
}

func (s *loginStand) logIn(t *testing.T, l identity.Login) *fault.Error {
	t.Helper()
	if l.Address == "" {
		l.Address = "192.0.2.1"
	}
	got, err := s.LogIn(t.Context(), l)
	if err == nil && (got.Token == "" || got.Session.ID == "" || got.Device == "" || got.Caller != identity.Caller{OrgID: "o", UserID: "u", Role: identity.Owner}) {
		t.Errorf("%s: got %+v, want a token, a session, a device and the owner u of o", l.Email, got)
	}
	return fault.From(err)
}

func TestLogIn(t *testing.T) {
	s := newLoginStand()
	for name, c := range map[string]struct {
		login identity.Login
		code  fault.Code
		text  string
	}{
		"right":         {identity.Login{Email: "u@example", Password: "right"}, "", ""},
		"wrong":         {identity.Login{Email: "u@example", Password: "wrong"}, fault.Unauthorized, "Incorrect email or password"},
		"unknown":       {identity.Login{Email: "v@example", Password: "right"}, fault.Unauthorized, "Incorrect email or password"},
		"nobody's user": {identity.Login{Email: "orphan@example", Password: "right"}, fault.Unauthorized, "Incorrect email or password"},
		"temporary":     {identity.Login{Email: "new@example", Password: "temporary"}, fault.Forbidden, identity.ErrNewPassword.Message},
		"chosen":        {identity.Login{Email: "new@example", Password: "temporary", NewPassword: "chosen"}, "", ""},
		"chosen before": {identity.Login{Email: "u@example", Password: "temporary", NewPassword: "right"}, "", ""},
		"neither":       {identity.Login{Email: "u@example", Password: "temporary", NewPassword: "wrong"}, fault.Unauthorized, "Incorrect email or password"},
		"down":          {identity.Login{Email: "down@example.com", Password: "right"}, fault.Internal, "Internal error"},
	} {
		switch e := s.logIn(t, c.login); {
		case e == nil && c.code != "", e != nil && (e.Code != c.code || e.Message != c.text):
			t.Errorf("%s: got %v, want %s %q", name, e, c.code, c.text)
		}
	}
}

// After ten failures from one source in a window, that source cannot log in as that user
// until the window ends, even with the right password.
func TestLogIn_SourceLimit(t *testing.T) {
	s := newLoginStand()
	right := identity.Login{Email: "u@example", Password: "right"}
	for i := range identity.AttemptsPerSource {
		// Successes in between do not change the count.
		if e := s.logIn(t, right); e != nil {
			t.Fatalf("attempt %d: got %v, want no error", i, e)
		}
		if e := s.logIn(t, identity.Login{Email: "u@example", Password: "wrong"}); e == nil || e.Code != fault.Unauthorized {
			t.Fatalf("attempt %d: got %v, want Unauthorized", i, e)
		}
	}
	for range 3 {
		if e := s.logIn(t, right); e == nil || e.Code != fault.RateLimited || e.RetryAfter != 7*time.Minute {
			t.Fatalf("got %v for attempt 11, want RateLimited for 7 minutes", e)
		}
	}
	if e := s.logIn(t, identity.Login{Email: "another@example", Password: "right"}); e != nil {
		t.Errorf("another user: got %v, want no error", e)
	}
	s.now = s.now.Add(7*time.Minute - time.Millisecond)
	if e := s.logIn(t, right); e == nil || e.Code != fault.RateLimited {
		t.Errorf("got %v just before the end of the window, want RateLimited", e)
	}
	s.now = s.now.Add(time.Millisecond)
	if e := s.logIn(t, right); e != nil {
		t.Errorf("got %v in the next window, want no error", e)
	}
}

// A stranger who fails as a user for an hour, from one network, never locks the user out.
func TestLogIn_StrangersDoNotLockOut(t *testing.T) {
	for name, stranger := range map[string]func(i int) string{
		"one address":       func(int) string { return "198.51.100.7" },
		"one IPv6 customer": func(i int) string { return fmt.Sprintf("2001:db8:0:%x::1", i) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newLoginStand()
			out := 0
			for i := range 600 {
				s.now = s.now.Add(6 * time.Second)
				_ = s.logIn(t, identity.Login{Email: "another@example", Password: "wrong", Address: stranger(i)})
				if e := s.logIn(t, identity.Login{Email: "another@example", Password: "right"}); e != nil {
					out++
				}
			}
			if out != 0 {
				t.Errorf("got %d refusals of 600, want 0", out)
			}
		})
	}
}

// A client that repeats a wrong password beyond its limit does not use up the limit of other
// users behind its address.
func TestAttempts_RefusedOnesLockNobodyOut(t *testing.T) {
	s := newLoginStand()
	for range 2 * identity.AttemptsPerAddress {
		_ = s.logIn(t, identity.Login{Email: "u@example", Password: "old", Address: "192.0.2.1"})
	}
	if e := s.logIn(t, identity.Login{Email: "another@example", Password: "right", Address: "192.0.2.1"}); e != nil {
		t.Errorf("got %v, want no error", e)
	}
}

// All sources together have a limit, which does not apply to a known device.
func TestLogIn_EmailLimit(t *testing.T) {
	s := newLoginStand()
	right := identity.Login{Email: "u@example", Password: "right"}
	known, err := s.LogIn(t.Context(), right)
	if err != nil {
		t.Fatal(err)
	}
	for i := range identity.AttemptsPerEmail {
		wrong := identity.Login{Email: "u@example", Password: "wrong", Address: fmt.Sprintf("198.51.%d.%d", i/256, i%256)}
		if e := s.logIn(t, wrong); e == nil || e.Code != fault.Unauthorized {
			t.Fatalf("attempt %d: got %v, want Unauthorized", i, e)
		}
	}
	if e := s.logIn(t, right); e == nil || e.Code != fault.RateLimited {
		t.Errorf("unknown device: got %v, want RateLimited", e)
	}
	for _, device := range []string{"", "x", known.Device[1:], known.Device + "A", strings.Repeat("A", len(known.Device))} {
		right.Device = device
		if e := s.logIn(t, right); e == nil || e.Code != fault.RateLimited {
			t.Errorf("device %q: got %v, want RateLimited", device, e)
		}
	}
	right.Device = known.Device
	if e := s.logIn(t, right); e != nil {
		t.Errorf("known device: got %v, want no error", e)
	}
	if _, err := s.Sessions.Authenticate(t.Context(), known.Token); err != nil {
		t.Errorf("a session that began before: got %v", err)
	}
}

// A known device has ten failures per window, belongs to one user and expires after a year.
func TestLogIn_KnownDevice(t *testing.T) {
	s := newLoginStand()
	first, err := s.LogIn(t.Context(), identity.Login{Email: "u@example", Password: "right", Address: "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	from := func(email, password, address string) *fault.Error {
		t.Helper()
		return s.logIn(t, identity.Login{Email: email, Password: password, Address: address, Device: first.Device})
	}
	for i := range identity.AttemptsPerDevice {
		if e := from("u@example", "wrong", fmt.Sprintf("192.0.2.%d", i)); e == nil || e.Code != fault.Unauthorized {
			t.Fatalf("attempt %d: got %v, want Unauthorized", i, e)
		}
	}
	if e := from("u@example", "right", "192.0.2.1"); e == nil || e.Code != fault.RateLimited {
		t.Errorf("the eleventh: got %v, want RateLimited", e)
	}
	if e := s.logIn(t, identity.Login{Email: "u@example", Password: "right"}); e != nil {
		t.Errorf("without the device: got %v, want no error", e)
	}
	if e := from("another@example", "right", "192.0.2.1"); e != nil {
		t.Errorf("another user of the device: got %v, want no error", e)
	}

	s = newLoginStand()
	s.now = s.now.Add(identity.DeviceLife)
	for range identity.AttemptsPerSource {
		_ = s.logIn(t, identity.Login{Email: "u@example", Password: "wrong"})
	}
	if e := from("u@example", "right", "192.0.2.1"); e == nil || e.Code != fault.RateLimited {
		t.Errorf("after a year: got %v, want RateLimited", e)
	}
}

// Trying one password on many users is limited too.
func TestLogIn_AddressLimit(t *testing.T) {
	for name, c := range map[string]struct {
		address func(i int) string
		limited bool
	}{
		"one address":            {func(int) string { return "192.0.2.1" }, true},
		"one address, as IPv6":   {func(int) string { return "::ffff:192.0.2.1" }, true},
		"one IPv6 network":       {func(i int) string { return fmt.Sprintf("2001:db8::%x", i+1) }, true},
		"many IPv6 networks":     {func(i int) string { return fmt.Sprintf("2001:db8:0:%x::1", i) }, false},
		"many addresses":         {func(i int) string { return fmt.Sprintf("192.0.2.%d", i) }, false},
		"addresses that are not": {func(int) string { return "unknown" }, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLoginStand()
			for i := range identity.AttemptsPerAddress {
				l := identity.Login{Email: fmt.Sprintf("user-%d@example", i), Password: "wrong", Address: c.address(i)}
				if e := s.logIn(t, l); e == nil || e.Code != fault.Unauthorized {
					t.Fatalf("attempt %d: got %v, want Unauthorized", i, e)
				}
			}
			e := s.logIn(t, identity.Login{Email: "u@example", Password: "right", Address: c.address(identity.AttemptsPerAddress)})
			if limited := e != nil && e.Code == fault.RateLimited; limited != c.limited || e != nil && !limited {
				t.Errorf("one more attempt: got %v, want RateLimited: %t", e, c.limited)
			}
		})
	}
}

// A right temporary password does not count as a failure.
func TestLogIn_TemporaryPassword(t *testing.T) {
	s := newLoginStand()
	for range 3 * identity.AttemptsPerSource {
		if e := s.logIn(t, identity.Login{Email: "new@example", Password: "temporary"}); e == nil || e.Code != fault.Forbidden {
			t.Fatalf("got %v, want Forbidden", e)
		}
	}
}

package account_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/fault"
)

// counter counts attempts as the store does.
type counter map[account.Attempt]int

func (c counter) Attempt(_ context.Context, a account.Attempt) (bool, error) {
	if c[a] >= a.Limit {
		return false, nil
	}
	c[a]++
	return true, nil
}

func (c counter) Forgive(_ context.Context, a account.Attempt) error {
	c[a]--
	return nil
}

// passwords are what users log in with.
type passwords map[string]string

var errDown = errors.New("down")

func (p passwords) SignIn(_ context.Context, email, password, newPassword string) (string, error) {
	switch want, ok := p[email]; {
	case email == "down@example.com":
		return "", errDown
	case !ok || password != want:
		return "", account.ErrWrongPassword
	case password == "temporary" && newPassword == "":
		return "", account.ErrNewPassword
	}
	return email + ".s.1", nil
}

type loginStand struct {
	*account.Gate

	now time.Time
}

func newLoginStand() *loginStand {
	s := &loginStand{now: time.Date(2026, time.March, 1, 12, 3, 0, 0, time.UTC)}
	now := func() time.Time { return s.now }
	r := &rows{users: map[string]account.User{"u": {ID: "u", OrgID: "o", Role: account.Owner}}}
	auth := account.NewAuthenticator(r, now)
	auth.Sessions = tokens{
		"u@example.s.1":       {ID: "1", UserID: "u", ExpiresAt: s.now.Add(time.Hour)},
		"new@example.s.1":     {ID: "2", UserID: "u", ExpiresAt: s.now.Add(time.Hour)},
		"orphan@example.s.1":  {ID: "3", UserID: "nobody", ExpiresAt: s.now.Add(time.Hour)},
		"another@example.s.1": {ID: "4", UserID: "u", ExpiresAt: s.now.Add(time.Hour)},
	}
	s.Gate = &account.Gate{
		Users:    passwords{"u@example": "right", "new@example": "temporary", "orphan@example": "right", "another@example": "right"},
		Attempts: counter{}, Sessions: auth, Now: now,
	}
	return s
}

func (s *loginStand) logIn(t *testing.T, l account.Login) *fault.Error {
	t.Helper()
	if l.Address == "" {
		l.Address = "192.0.2.1"
	}
	token, session, caller, err := s.LogIn(t.Context(), l)
	if err == nil && (token == "" || session.ID == "" || caller != account.Caller{OrgID: "o", UserID: "u", Role: account.Owner}) {
		t.Errorf("%s: %q, %+v, %+v", l.Email, token, session, caller)
	}
	return fault.From(err)
}

func TestLogIn(t *testing.T) {
	s := newLoginStand()
	for name, c := range map[string]struct {
		login account.Login
		code  fault.Code
		text  string
	}{
		"right":         {account.Login{Email: "u@example", Password: "right"}, "", ""},
		"wrong":         {account.Login{Email: "u@example", Password: "wrong"}, fault.Unauthorized, "Incorrect email or password"},
		"unknown":       {account.Login{Email: "v@example", Password: "right"}, fault.Unauthorized, "Incorrect email or password"},
		"nobody's user": {account.Login{Email: "orphan@example", Password: "right"}, fault.Unauthorized, "Incorrect email or password"},
		"temporary":     {account.Login{Email: "new@example", Password: "temporary"}, fault.Forbidden, account.ErrNewPassword.Message},
		"chosen":        {account.Login{Email: "new@example", Password: "temporary", NewPassword: "chosen"}, "", ""},
		"chosen before": {account.Login{Email: "u@example", Password: "temporary", NewPassword: "right"}, "", ""},
		"neither":       {account.Login{Email: "u@example", Password: "temporary", NewPassword: "wrong"}, fault.Unauthorized, "Incorrect email or password"},
		"down":          {account.Login{Email: "down@example.com", Password: "right"}, fault.Internal, "internal error"},
	} {
		switch e := s.logIn(t, c.login); {
		case e == nil && c.code != "", e != nil && (e.Code != c.code || e.Message != c.text):
			t.Errorf("%s: %v", name, e)
		}
	}
}

// After ten failures in a window a user is kept out, right password or not,
// until the window ends; nobody else is.
func TestAttemptsPerEmail(t *testing.T) {
	s := newLoginStand()
	right := account.Login{Email: "u@example", Password: "right"}
	for i := range account.AttemptsPerEmail {
		// Successes in between do not help, and do no harm.
		if e := s.logIn(t, right); e != nil {
			t.Fatalf("attempt %d: %v", i, e)
		}
		wrong := account.Login{Email: "u@example", Password: "wrong", Address: fmt.Sprintf("192.0.2.%d", i)}
		if e := s.logIn(t, wrong); e == nil || e.Code != fault.Unauthorized {
			t.Fatalf("attempt %d: %v", i, e)
		}
	}
	for range 3 {
		if e := s.logIn(t, right); e == nil || e.Code != fault.RateLimited || e.RetryAfter != 7*time.Minute {
			t.Fatalf("the eleventh: %v", e)
		}
	}
	if e := s.logIn(t, account.Login{Email: "another@example", Password: "right"}); e != nil {
		t.Errorf("another user: %v", e)
	}
	s.now = s.now.Add(7*time.Minute - time.Millisecond)
	if e := s.logIn(t, right); e == nil || e.Code != fault.RateLimited {
		t.Errorf("just before the window's end: %v", e)
	}
	s.now = s.now.Add(time.Millisecond)
	if e := s.logIn(t, right); e != nil {
		t.Errorf("in the next window: %v", e)
	}
}

// Trying one password on many users ends as well.
func TestAttemptsPerAddress(t *testing.T) {
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
			for i := range account.AttemptsPerAddress {
				l := account.Login{Email: fmt.Sprintf("user-%d@example", i), Password: "wrong", Address: c.address(i)}
				if e := s.logIn(t, l); e == nil || e.Code != fault.Unauthorized {
					t.Fatalf("attempt %d: %v", i, e)
				}
			}
			e := s.logIn(t, account.Login{Email: "u@example", Password: "right", Address: c.address(account.AttemptsPerAddress)})
			if limited := e != nil && e.Code == fault.RateLimited; limited != c.limited || e != nil && !limited {
				t.Errorf("one more: %v", e)
			}
		})
	}
}

// Somebody who has a temporary password has shown who they are.
func TestTemporaryPasswordsAreNoFailures(t *testing.T) {
	s := newLoginStand()
	for range 3 * account.AttemptsPerEmail {
		if e := s.logIn(t, account.Login{Email: "new@example", Password: "temporary"}); e == nil || e.Code != fault.Forbidden {
			t.Fatal(e)
		}
	}
}

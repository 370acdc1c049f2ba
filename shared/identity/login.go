package identity

import (
	"context"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// PasswordChecker is the part of the directory of users that logs users in.
type PasswordChecker interface {
	// SignIn returns a session token. A user with a temporary password must also send a
	// new password. Errors: ErrWrongPassword, ErrNewPassword, Invalid for an invalid new
	// password, RateLimited.
	SignIn(ctx context.Context, email, password, newPassword string) (token string, err error)
}

// ErrWrongPassword is the error for both an unknown user and a wrong password.
var ErrWrongPassword = fault.New(fault.Unauthorized, "Incorrect email or password")

// ErrTooManyAttempts is the error of a login after too many failures. A copy of it has the
// time after which the next attempt is allowed.
var ErrTooManyAttempts = fault.New(fault.RateLimited, "Too many attempts to log in")

// ErrNewPassword is the error for a right but temporary password.
var ErrNewPassword = fault.New(fault.Forbidden, "The password is temporary: choose your own and send it as new_password")

// Gate logs users in and bounds failed attempts.
type Gate struct {
	Users    PasswordChecker
	Attempts AttemptCounter
	Sessions *Authenticator
	Devices  *Devices // nil if devices are not recognised
	Now      func() time.Time
}

// Login is the input of a log-in.
type Login struct {
	Email       string
	Password    string
	NewPassword string // replaces a temporary password
	Address     string // the client's IP address
	Device      string // the device's token as the client sent it, not checked yet; may be empty
}

// Granted is the result of a log-in.
type Granted struct {
	Token   string // of the session
	Session Session
	Caller  Caller // of requests with the session
	Device  string // the token by which the device is recognised; empty if devices are not recognised
}

// LogIn logs a user in. Errors are those of PasswordChecker, and RateLimited after
// too many failures.
func (g *Gate) LogIn(ctx context.Context, l Login) (Granted, error) {
	token, err := g.signIn(ctx, l)
	if fault.Is(err, fault.Unauthorized) && l.NewPassword != "" {
		// The response to an earlier request was lost, and that request has changed
		// the password.
		l.Password, l.NewPassword = l.NewPassword, ""
		token, err = g.signIn(ctx, l)
	}
	if err != nil {
		return Granted{}, err
	}
	s, c, err := g.Sessions.Session(ctx, token)
	if fault.Is(err, fault.Unauthorized) {
		err = ErrWrongPassword // the directory's user is not a member of any org
	}
	if err != nil {
		return Granted{}, err
	}
	device, err := g.Devices.Issue(ctx, l.Email)
	return Granted{Token: token, Session: s, Caller: c, Device: device}, err
}

// signIn counts the attempt unless the password is right.
func (g *Gate) signIn(ctx context.Context, l Login) (token string, err error) {
	device, err := g.Devices.name(ctx, l.Device, l.Email)
	if err != nil {
		return "", err
	}
	counted := attempts(l.Email, l.Address, device, g.Now())
	for _, a := range counted {
		allowed, err := g.Attempts.Attempt(ctx, a)
		if err != nil {
			return "", err
		}
		if !allowed {
			often := *ErrTooManyAttempts
			often.RetryAfter = a.Ends.Sub(g.Now())
			return "", &often
		}
	}
	token, err = g.Users.SignIn(ctx, l.Email, l.Password, l.NewPassword)
	if err != nil && !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.Invalid) {
		return "", err
	}
	// The password was right, even if the log-in is incomplete.
	for _, a := range counted {
		if err := g.Attempts.Forgive(ctx, a); err != nil {
			return "", err
		}
	}
	return token, err
}

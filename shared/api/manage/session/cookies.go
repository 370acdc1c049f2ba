package session

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
)

// setSession sets the session cookie, or removes it if the token is empty.
func setSession(w http.ResponseWriter, r *http.Request, token string, life time.Duration) {
	c := cookie(r, wire.SessionCookie, token, life) //nolint:gosec // see cookie
	if token == "" {
		c.MaxAge = -1
	}
	w.Header().Set("Set-Cookie", c.String())
}

// setDevice sets the cookie that makes a browser a known device of a user. Logging out keeps it. Pages of
// other sites cannot make a browser send it.
func setDevice(w http.ResponseWriter, r *http.Request, email, token string) {
	if token == "" {
		return
	}
	c := cookie(r, deviceCookie(email), token, identity.DeviceLife) //nolint:gosec // see cookie
	c.SameSite = http.SameSiteStrictMode
	w.Header().Add("Set-Cookie", c.String())
}

// deviceCookie returns the name of a user's device cookie. Each user of a browser has a different one.
func deviceCookie(email string) string {
	sum := sha256.Sum256([]byte(email))
	return "af_device_" + hex.EncodeToString(sum[:4])
}

func cookie(r *http.Request, name, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure but on loopback, where a browser would not send it back
		Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: !wire.IsLoopback(r.Host), MaxAge: int(life.Seconds()),
	}
}

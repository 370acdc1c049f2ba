package session

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

func TestReadLogin_Refusals(t *testing.T) {
	read := func(o body.Object) error {
		_, err := readLogin(httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(o.Raw)))
		return err
	}
	const email, password = "email must be an email address of at most 254 bytes", "new_password must be a string of 12 to 256 characters"
	wiretest.WantRefusals(t, read, map[string]string{
		`{}`:                                     "email is required and must be an email address of at most 254 bytes",
		`{"email":null}`:                         email + ", not null",
		`{"email":"a"}`:                          email,
		`{"user":"a@b.example"}`:                 `email is required and must be an email address of at most 254 bytes; unknown field "user"; allowed: email, password, new_password`,
		`{"email":"a@b.example"}`:                "password is required and must be a string",
		`{"email":"a@b.example","Password":"b"}`: "password is required and must be a string; unknown field \"Password\" (did you mean password?); allowed: email, password, new_password",
		`{"email":"a@b.example","password":1}`:   "password must be a string, not a number",
		`{"email":"a@b.example","password":"b","new_password":[]}`:                                 password + ", not a list",
		`{"email":"a@b.example","password":"b","new_password":"short"}`:                            password,
		`{"email":"a@b.example","password":"b","new_password":" twelve-and-1"}`:                    "new_password must not begin or end with a space",
		`{"email":"a@b.example","password":"b","new_password":"` + strings.Repeat("x", 257) + `"}`: password,
	})
}

package member

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

func TestReadMember_Refusals(t *testing.T) {
	const role = "role must be owner or member"
	wiretest.WantRefusals(t, func(o body.Object) error { _, _, err := readMember(o); return err }, map[string]string{
		`{}`:                                       "email is required and must be an email address of at most 254 bytes",
		`{"email":null,"role":"owner"}`:            "email must be an email address of at most 254 bytes, not null",
		`{"email":1,"role":"owner"}`:               "email must be an email address of at most 254 bytes, not a number",
		`{"email":"a","role":"owner"}`:             "email must be an email address of at most 254 bytes",
		`{"email":"a@b.example"}`:                  "role is required and must be owner or member",
		`{"email":"a@b.example","rol":"owner"}`:    `role is required and must be owner or member; unknown field "rol" (did you mean role?); allowed: email, role`,
		`{"e-mail":"a@b.example","role":"owner"}`:  `email is required and must be an email address of at most 254 bytes; unknown field "e-mail" (did you mean email?); allowed: email, role`,
		`{"email":"a@b.example","role":null}`:      role + ", not null",
		`{"email":"a@b.example","role":["owner"]}`: role + ", not a list",
		`{"email":"a@b.example","role":"Owner"}`:   role,
	})
}

func TestReadRole_Refusals(t *testing.T) {
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readChange(o); return err }, map[string]string{
		`{}`:                      "role is required and must be owner or member",
		`{"role":null}`:           "role must be owner or member, not null",
		`{"role":true}`:           "role must be owner or member, not true or false",
		`{"role":""}`:             "role must be owner or member",
		`{"roel":"owner"}`:        `role is required and must be owner or member; unknown field "roel" (did you mean role?); allowed: role`,
		`{"email":"a@b.example"}`: `role is required and must be owner or member; unknown field "email"; allowed: role`,
	})
}

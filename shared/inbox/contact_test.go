package inbox_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// A person is found by the user id, by the number in each of the ways in which it is written, and
// by an address in each case.
func TestAliases(t *testing.T) {
	for _, c := range []struct {
		people []channel.Person
		want   []string
	}{
		{[]channel.Person{{Address: "525512345678"}, {Address: "5215512345678"}}, []string{"address:525512345678"}},
		{[]channel.Person{{Address: "541123456789"}, {Address: "5491123456789"}}, []string{"address:541123456789"}},
		{[]channel.Person{{Address: "5531966554433"}, {Address: "553166554433"}}, []string{"address:5531966554433"}},
		{[]channel.Person{{Address: "Jo@A.example"}, {Address: "jo@a.example"}}, []string{"address:jo@a.example"}},
		{[]channel.Person{{UserID: "MX.5215512345678", Address: "5215512345678"}}, []string{"user:MX.5215512345678", "address:525512345678"}},
		{[]channel.Person{{UserID: "US.1"}}, []string{"user:US.1"}},
		{[]channel.Person{{}}, nil},
	} {
		for _, p := range c.people {
			if diff := cmp.Diff(c.want, inbox.Aliases(p)); diff != "" {
				t.Errorf("%+v: -want +got:\n%s", p, diff)
			}
		}
	}
}

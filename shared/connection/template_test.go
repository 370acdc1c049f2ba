package connection_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/connection"
)

// WhatsApp refuses variables with line breaks, tabs or many blanks, so they are refused when they
// are saved.
func TestValidVariables(t *testing.T) {
	number := func(n int) map[string]string {
		all := map[string]string{}
		for i := range n {
			all[strconv.Itoa(i)] = "x"
		}
		return all
	}
	for name, c := range map[string]struct {
		values map[string]string
		want   bool
	}{
		"numbers":      {map[string]string{"1": "Ann", "2": "Käse & mehr"}, true},
		"names":        {map[string]string{"first_name": "李"}, true},
		"four blanks":  {map[string]string{"1": "a    b"}, true},
		"longest":      {map[string]string{"1": strings.Repeat("é", 500)}, true},
		"most":         {number(connection.MaxVariables), true},
		"too many":     {number(connection.MaxVariables + 1), false},
		"none":         {map[string]string{}, false},
		"empty value":  {map[string]string{"1": ""}, false},
		"blank value":  {map[string]string{"1": "  "}, false},
		"five blanks":  {map[string]string{"1": "a     b"}, false},
		"line break":   {map[string]string{"1": "a\nb"}, false},
		"tab":          {map[string]string{"1": "a\tb"}, false},
		"too long":     {map[string]string{"1": strings.Repeat("é", 501)}, false},
		"empty name":   {map[string]string{"": "a"}, false},
		"another name": {map[string]string{"first name": "a"}, false},
	} {
		if got := connection.ValidVariables(c.values); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}

package velocity

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVelocity_Template(t *testing.T) {
	type result struct {
		Body      string
		Overrides map[string]string
	}
	context := func(name string) string { return "<" + name + ">" }
	header := http.Header{"Origin": {"https://shop.example"}}
	for name, test := range map[string]struct {
		template string
		want     result
		fails    bool
	}{
		"text":       {template: "{}\n", want: result{"{}\n", map[string]string{}}},
		"an echo":    {template: "#set($o = $input.params('Origin'))\n#set($context.responseOverride.header.X-Y = $o)\n", want: result{"", map[string]string{"X-Y": "https://shop.example"}}},
		"a context":  {template: "#set($context.responseOverride.header.Id = $context.requestId)\n", want: result{"", map[string]string{"Id": "<$context.requestId>"}}},
		"an if":      {template: "#if($input.params('Origin') != '')\nyes\n#end\n#if($input.params('Other') != '')\nno\n#end\n", want: result{"yes\n", map[string]string{}}},
		"nested ifs": {template: "#if('a' == 'b')\n#if('a' == 'a')\nno\n#end\nno\n#end\nend", want: result{"end", map[string]string{}}},
		"unknown":    {template: "#foreach($x in $y)\n#end\n", fails: true},
		"a variable": {template: "{\"x\": $x}", fails: true},
		"no end":     {template: "#if('a' == 'a')\n", fails: true},
		"no if":      {template: "#end\n#if('a' == 'a')\n", fails: true},
		"a call":     {template: "#set($x = $util.escape('a'))\n", fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := Parse(test.template)
			if test.fails || err != nil {
				if (err != nil) != test.fails {
					t.Errorf("got error %v, want one: %t", err, test.fails)
				}
				return
			}
			body, overrides := v.Run(context, header)
			if diff := cmp.Diff(test.want, result{body, overrides}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
